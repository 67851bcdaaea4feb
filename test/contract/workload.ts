import { OPEN_ACL_UNSAFE, type ACL } from "../../src/core/acl.ts";
import { CreateMode, createOpOf } from "../../src/core/create-mode.ts";
import { DataTree } from "../../src/core/data-tree.ts";
import { LIMITS } from "../../src/core/limits.ts";
import type { Tables } from "../../src/core/node-table.ts";
import { QUOTA_PATH } from "../../src/core/path.ts";
import { Prep } from "../../src/core/prep.ts";
import type {
  CreateRequest,
  DeleteRequest,
  MultiCreate,
  TreeWriteRequest,
} from "../../src/core/request.ts";
import type { LoggedTxn } from "../../src/core/txn.ts";
import { MemoryTables } from "../../src/storage/memory-tables.ts";

const NAMES = ["a", "b", "c", "ä", "日本"];
const MODES = Object.values(CreateMode);
const ACLS: readonly (readonly ACL[])[] = [
  OPEN_ACL_UNSAFE,
  [{ perms: 31, id: { scheme: "world", id: "anyone" } }],
  [{ perms: 31, id: { scheme: "ip", id: "10.0.0.0/8" } }],
  [
    { perms: 31, id: { scheme: "digest", id: "bob:x" } },
    { perms: 1, id: { scheme: "world", id: "anyone" } },
  ],
];
const SUPER = [{ scheme: "super", id: "" }];

/**
 * A stream of txns as a server makes them, different for each seed: every kind of znode, sessions
 * that come and go, multis, failures, idempotency keys, on a tree that stays small.
 */
export class Workload {
  /** Every txn made so far, in order. */
  readonly history: LoggedTxn[] = [];
  readonly #tables = new MemoryTables();
  readonly #tree = new DataTree(this.#tables);
  readonly #prep = new Prep(this.#tables, { lastZxid: 0, limits: LIMITS, enforceQuota: true });
  #state: number;
  #nowMs = 1_700_000_000_000;
  #sessions: number[] = [];
  #sessionCount = 0;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** The tree after the whole history, by a naive implementation. */
  get tables(): MemoryTables {
    return this.#tables;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Makes the next txns. */
  next(count: number): LoggedTxn[] {
    return Array.from({ length: count }, () => this.#one());
  }

  /** Makes the txns that put quotas on the subtrees that the others write to. */
  quotas(): LoggedTxn[] {
    const limits = Uint8Array.from("count=1,bytes=1", (c) => c.charCodeAt(0));
    const paths = NAMES.slice(0, 2).flatMap((name) => {
      const top = `${QUOTA_PATH}/${name}`;
      return [top, `${top}/zookeeper_limits`, `${top}/zookeeper_stats`];
    });
    return paths.map((path) => this.#log(this.#prepareCreate(path, limits)));
  }

  #prepareCreate(path: string, data: Uint8Array): LoggedTxn {
    const flags = CreateMode.PERSISTENT;
    const request: CreateRequest = {
      op: createOpOf(flags),
      path,
      data,
      acl: OPEN_ACL_UNSAFE,
      flags,
      ttlMs: 0,
    };
    const context = { sessionId: 0, ids: SUPER, cxid: 0, nowMs: this.#nowMs };
    return this.#prep.prepare(request, context).logged;
  }

  #one(): LoggedTxn {
    this.#nowMs += this.#below(50);
    return this.#log(this.#prepare());
  }

  #log(logged: LoggedTxn): LoggedTxn {
    this.#tree.apply(logged);
    this.#prep.applied(logged.header.zxid);
    this.history.push(logged);
    return logged;
  }

  #prepare(): LoggedTxn {
    if (this.#sessions.length === 0 || this.#below(20) === 0) return this.#createSession();
    const sessionId = this.#pick(this.#sessions);
    const key = this.#below(8) === 0 ? { idempotencyKey: `key ${this.#below(40)}` } : {};
    const request = this.#request();
    if (request.op === "closeSession") {
      this.#sessions = this.#sessions.filter((id) => id !== sessionId);
    }
    const context = { sessionId, ids: SUPER, cxid: this.#below(1_000), nowMs: this.#nowMs, ...key };
    return this.#prep.prepare(request, context).logged;
  }

  #createSession(): LoggedTxn {
    const id = 2 ** 47 + 1_000_003 * ++this.#sessionCount;
    this.#sessions.push(id);
    const password = Uint8Array.from({ length: 16 }, () => this.#below(256));
    return this.#prep.createSession({ id, password, timeoutMs: 4_000, member: 0 }, this.#nowMs)
      .logged;
  }

  #request(): TreeWriteRequest {
    const roll = this.#below(100);
    if (roll < 45) return this.#create();
    if (roll < 65) return this.#delete();
    const path = this.#path();
    if (roll < 78) {
      return { op: "setData", path, data: this.#data(), version: -1 };
    }
    if (roll < 84) return { op: "setACL", path, acl: this.#pick(ACLS), version: -1 };
    if (roll < 92) return { op: "multi", ops: [this.#create(), this.#create(), this.#delete()] };
    if (roll < 95) return { op: "deleteRecursive", path, version: -1 };
    return roll < 97 ? { op: "reap", path } : { op: "closeSession" };
  }

  #create(): MultiCreate {
    const mode = this.#pick(MODES);
    const acl = this.#pick(ACLS);
    const ttlMs = 1 + this.#below(5_000);
    return {
      op: createOpOf(mode),
      path: this.#path(),
      data: this.#data(),
      acl,
      flags: mode,
      ttlMs,
    };
  }

  #delete(): DeleteRequest {
    return { op: "delete", path: this.#path(), version: -1 };
  }

  #path(): string {
    const depth = 1 + this.#below(3);
    return Array.from({ length: depth }, () => `/${this.#pick(NAMES)}`).join("");
  }

  #data(): Uint8Array | null {
    const roll = this.#below(10);
    if (roll === 0) return null;
    return Uint8Array.from({ length: this.#below(roll === 1 ? 3_000 : 40) }, (_, i) => i % 256);
  }

  #pick<T>(values: readonly T[]): T {
    const value = values[this.#below(values.length)];
    if (value === undefined) throw new Error("nothing to pick from");
    return value;
  }

  /** A random integer below `end`: the generator of Numerical Recipes. */
  #below(end: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * end);
  }
}

/** Applies txns to fresh tables, one after the other. */
export function replay(txns: readonly LoggedTxn[], tables: Tables = new MemoryTables()): Tables {
  const tree = new DataTree(tables);
  for (const logged of txns) tree.apply(logged);
  return tables;
}
