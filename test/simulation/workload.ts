import { OPEN_ACL_UNSAFE, Perms, type ACL } from "../../src/core/acl.ts";
import { CreateMode, createOpOf } from "../../src/core/create-mode.ts";
import type { MultiCreate, MultiOp, MultiReadRequest, Request } from "../../src/core/request.ts";
import type { ClientOptions } from "./options.ts";
import type { Prng } from "./prng.ts";

/** All paths that clients use; a run uses the first few. */
const PATHS = [
  "/a",
  "/b",
  "/a/x",
  "/queue",
  "/a/y",
  "/b/x",
  "/lock",
  "/a/x/deep",
  "/c",
  "/c/x",
  "/c/y",
  "/d",
] as const;

const encoder = new TextEncoder();

/** What one client asks: drawn from its own random numbers. Every datum that is written is unique. */
export class Workload {
  readonly #rng: Prng;
  readonly #options: ClientOptions;
  readonly #label: string;
  readonly #address: string;
  readonly #paths: readonly string[];
  /** Last versions seen, by path, for conditional writes. */
  readonly #versions = new Map<string, number>();
  #writes = 0;

  constructor(rng: Prng, options: ClientOptions, who: { label: string; address: string }) {
    this.#rng = rng;
    this.#options = options;
    this.#label = who.label;
    this.#address = who.address;
    this.#paths = PATHS.slice(0, options.paths);
  }

  /** A version was seen. */
  noteVersion(path: string, version: number): void {
    this.#versions.set(path, version);
  }

  next(): Request {
    return this.#rng.chance(this.#options.readShare) ? this.read() : this.write();
  }

  read(): Request {
    const path = this.#path();
    const watch = this.#rng.chance(this.#options.watchChance);
    const kind = this.#rng.weighted({
      getData: 6,
      exists: 4,
      getChildren: 4,
      sync: 1,
      getACL: 0.5,
      addWatch: this.#options.watchChance * 2,
      removeWatches: this.#options.watchChance,
      multiRead: 0.5,
      getEphemerals: 0.3,
    });
    switch (kind) {
      case "getData":
      case "exists":
        return { op: kind, path, watch };
      case "getChildren":
        return { op: "getChildren2", path, watch };
      case "addWatch":
        return { op: "addWatch", path, mode: this.#rng.int(2) };
      case "removeWatches":
        return { op: "removeWatches", path, type: 3 };
      case "multiRead":
        return { op: "multiRead", ops: [this.#plainRead(), this.#plainRead()] };
      case "getEphemerals":
        return { op: "getEphemerals", prefixPath: "/" };
      default:
        return { op: kind, path };
    }
  }

  write(): Request {
    const path = this.#path();
    const kind = this.#rng.weighted({
      create: 5,
      ephemeral: 3,
      sequential: 4,
      setData: 7,
      upsert: 1,
      delete: 5,
      multi: 3,
      setACL: 0.5,
      deleteRecursive: 0.3,
      container: 0.3,
    });
    switch (kind) {
      case "create":
        return this.#create(path, CreateMode.PERSISTENT);
      case "ephemeral":
        return this.#create(path, CreateMode.EPHEMERAL);
      case "sequential": {
        const mode = this.#rng.pick([
          CreateMode.PERSISTENT_SEQUENTIAL,
          CreateMode.EPHEMERAL_SEQUENTIAL,
        ]);
        return this.#create(`${path}/n-`, mode);
      }
      case "container":
        return this.#create(path, CreateMode.CONTAINER);
      case "setData":
        return { op: "setData", path, data: this.data(), version: this.#version(path) };
      case "upsert":
        return {
          op: "setData",
          path,
          data: this.data(),
          version: -1,
          orCreate: this.#create(path, CreateMode.PERSISTENT),
        };
      case "multi":
        return { op: "multi", ops: this.#parts() };
      case "setACL":
        return { op: "setACL", path, acl: this.#acl(), version: -1 };
      case "deleteRecursive":
        return { op: "deleteRecursive", path, version: -1 };
      default:
        return { op: "delete", path, version: this.#version(path) };
    }
  }

  /** A datum that was never written before. */
  data(): Uint8Array {
    this.#writes++;
    return encoder.encode(`${this.#label}-${this.#writes}`);
  }

  #plainRead(): MultiReadRequest["ops"][number] {
    const path = this.#path();
    return this.#rng.chance(0.5)
      ? { op: "getData", path, watch: false }
      : { op: "getChildren2", path, watch: false };
  }

  #parts(): MultiOp[] {
    return Array.from({ length: this.#rng.between(1, 4) }, (): MultiOp => {
      const path = this.#path();
      const version = this.#version(path);
      switch (this.#rng.int(5)) {
        case 0:
          return { op: "check", path, version };
        case 1:
          return { op: "delete", path, version };
        case 2:
          return this.#create(path, CreateMode.PERSISTENT);
        default:
          return { op: "setData", path, data: this.data(), version };
      }
    });
  }

  #create(path: string, mode: CreateMode): MultiCreate {
    const acl = this.#rng.chance(0.9) ? OPEN_ACL_UNSAFE : this.#acl();
    const op = createOpOf(mode);
    return { op, path, data: this.data(), acl, flags: mode, ttlMs: 0 };
  }

  /** Mostly everybody's, sometimes with READ for this client alone. */
  #acl(): readonly ACL[] {
    if (this.#rng.chance(0.5)) return OPEN_ACL_UNSAFE;
    const everybody = { scheme: "world", id: "anyone" };
    return [
      { perms: Perms.ALL & ~Perms.READ, id: everybody },
      { perms: Perms.READ, id: { scheme: "ip", id: this.#address } },
    ];
  }

  #version(path: string): number {
    if (this.#rng.chance(0.6)) return -1;
    return this.#versions.get(path) ?? 0;
  }

  #path(): string {
    return this.#rng.pick(this.#paths);
  }
}
