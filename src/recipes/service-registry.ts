import { childPath, type Znode, type ZooKeeper } from "../client/index.ts";
import { ChildrenCache } from "./children-cache.ts";
import { type Instance, type LoadBalancing, roundRobin } from "./load-balancing.ts";
import { PersistentEphemeral } from "./persistent-ephemeral.ts";
import type { RecipeOptions } from "./recipe-options.ts";

/**
 * Nobody serves at the moment.
 *
 * @example
 * ```ts
 * import { NoInstanceError, ServiceRegistry } from "edgekeeper/recipes";
 *
 * await using mails = new ServiceRegistry(zk, "/services").discover("mail");
 * await mails.ready;
 * try {
 *   console.log(mails.choose().address);
 * } catch (error) {
 *   if (!(error instanceof NoInstanceError)) throw error;
 *   console.log("nobody sends mails at the moment");
 * }
 * ```
 */
export class NoInstanceError extends Error {
  override readonly name = "NoInstanceError";
}

/**
 * Who serves what: instances register themselves, clients find them and share the load among them.
 *
 * An instance that dies is found until its session ends: a use of it may fail and has to be tried
 * with another one. One whose session is lost comes back with the next. Without a connection clients
 * go on with whom they knew.
 *
 * @example
 * ```ts
 * import { leastLoaded, ServiceRegistry } from "edgekeeper/recipes";
 *
 * const registry = new ServiceRegistry(zk, "/services");
 * await using _here = registry.register("mail", { id: "m1", address: "https://m1.example.com" });
 * await using mails = registry.discover("mail", leastLoaded);
 * await mails.ready;
 * await mails.use(({ address }) => fetch(address));
 * ```
 *
 * Source: Curator `ServiceDiscovery`, `ServiceProvider`.
 */
export class ServiceRegistry {
  readonly #zk: ZooKeeper;
  readonly #path: string;
  readonly #options: RecipeOptions;

  constructor(zk: ZooKeeper, path: string, options: RecipeOptions = {}) {
    this.#zk = zk;
    this.#path = path;
    this.#options = options;
  }

  /** Serves from now on, until what is returned is closed. */
  register(service: string, instance: Instance): PersistentEphemeral {
    const { id, ...rest } = instance;
    const path = childPath(childPath(this.#path, service), id);
    return new PersistentEphemeral(this.#zk, path, JSON.stringify(rest), this.#options);
  }

  /** Finds who serves, and follows who comes and goes. */
  discover(service: string, balancing: LoadBalancing = roundRobin): ServiceProvider {
    return new ServiceProvider(this.#zk, childPath(this.#path, service), balancing);
  }
}

/**
 * The instances of one service, and whose turn it is.
 *
 * @example
 * ```ts
 * import { ServiceRegistry } from "edgekeeper/recipes";
 *
 * await using mails = new ServiceRegistry(zk, "/services").discover("mail");
 * await mails.ready;
 * console.log(mails.instances.map(({ id }) => id));
 * await mails.use(({ address }) => fetch(address));
 * ```
 */
export class ServiceProvider implements AsyncDisposable {
  readonly #zk: ZooKeeper;
  readonly #cache: ChildrenCache;
  readonly #balancing: LoadBalancing;
  readonly #loads = new Map<string, number>();
  #turn = 0;

  constructor(zk: ZooKeeper, path: string, balancing: LoadBalancing) {
    this.#zk = zk;
    this.#balancing = balancing;
    this.#cache = new ChildrenCache(zk, path);
  }

  /** Resolves when all who serve are known. */
  get ready(): Promise<void> {
    return this.#cache.ready;
  }

  /** Who serves, by id; who registered something else than an instance is left out. */
  get instances(): readonly Instance[] {
    const all = [...this.#cache.children].map(([id, znode]) => instanceOf(id, znode));
    return all.filter((instance) => instance !== undefined);
  }

  /** Chooses an instance. @throws NoInstanceError when there is none. */
  choose(): Instance {
    const { instances } = this;
    const load = ({ id }: Instance): number => this.#loads.get(id) ?? 0;
    const chance = this.#zk.clock.random();
    const chosen =
      instances.length === 0
        ? undefined
        : this.#balancing({ instances, turn: this.#turn++, chance, load });
    if (chosen === undefined) throw new NoInstanceError("expected an instance, saw none");
    return chosen;
  }

  /** Uses an instance, and counts the use as load while it lasts. */
  async use<T>(work: (instance: Instance) => Promise<T>): Promise<T> {
    const instance = this.choose();
    this.#addLoad(instance, 1);
    try {
      return await work(instance);
    } finally {
      this.#addLoad(instance, -1);
    }
  }

  /** Stops following. */
  close(): Promise<void> {
    return this.#cache.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #addLoad({ id }: Instance, difference: number): void {
    const load = (this.#loads.get(id) ?? 0) + difference;
    if (load === 0) this.#loads.delete(id);
    else this.#loads.set(id, load);
  }
}

function instanceOf(id: string, znode: Znode): Instance | undefined {
  try {
    const json = znode.json() as Partial<Instance> | null;
    return typeof json?.address === "string" ? { ...json, address: json.address, id } : undefined;
  } catch {
    return undefined;
  }
}
