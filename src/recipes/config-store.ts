import {
  Code,
  ensurePath,
  isKeeperError,
  parentOf,
  retry,
  tell,
  type Znode,
  type ZooKeeper,
} from "../client/index.ts";
import { Interruption } from "./interruption.ts";
import type { AcquireOptions } from "./lock.ts";
import { NodeCache } from "./node-cache.ts";
import type { RecipeOptions } from "./recipe-options.ts";
import { changeValue } from "./shared-value.ts";
import { parserOf, type StandardSchema } from "./standard-schema.ts";

/** What a configuration is, and whom it tells. */
export type ConfigStoreOptions<T> = ConfigListeners<T> & RecipeOptions & ConfigValidation<T>;

/** What a configuration is: one of the two. */
export type ConfigValidation<T> =
  | {
      /** A Standard Schema, as those of zod, valibot and arktype are. */
      readonly schema: StandardSchema<T>;
      readonly parse?: undefined;
    }
  | {
      readonly schema?: undefined;
      /** Makes a configuration of JSON, or throws. */
      readonly parse: (json: unknown) => T;
    };

/** Whom a store tells. */
export interface ConfigListeners<T> {
  /** Told of each valid configuration, the first one too. */
  readonly onChange?: (config: T) => void;
  /** Told when something else was written; the last valid configuration stays in force. */
  readonly onInvalid?: (error: unknown) => void;
}

/**
 * A configuration that everybody shares and that follows the service: JSON that is validated before
 * it is written, and again before it is believed.
 *
 * What is not valid never takes the place of what is. Without a connection the last configuration
 * stays in force. Changes of several are never mixed: one is made from the other.
 *
 * @example
 * ```ts
 * import { ConfigStore } from "edgekeeper/recipes";
 * import { z } from "zod";
 *
 * const schema = z.object({ color: z.string() });
 * await using config = new ConfigStore(zk, "/config", {
 *   schema,
 *   onChange: ({ color }) => console.log(color),
 * });
 * await config.update((old) => ({ ...old, color: "blue" }));
 * ```
 *
 * Source: Curator `ModeledFramework`; ZooKeeper recipes, "Configuration".
 */
export class ConfigStore<T> implements AsyncDisposable {
  /** Resolves to the first configuration; rejects if it is not valid, or may not be read. */
  readonly ready: Promise<T>;
  readonly #zk: ZooKeeper;
  readonly #path: string;
  readonly #options: ConfigListeners<T> & RecipeOptions;
  readonly #parse: (json: unknown) => T;
  readonly #cache: NodeCache;
  readonly #first = Promise.withResolvers<T>();
  #latest: { readonly config: T } | undefined;
  #changed = unheard();
  #isClosed = false;

  constructor(zk: ZooKeeper, path: string, options: ConfigStoreOptions<T>) {
    this.#zk = zk;
    this.#path = path;
    this.#options = options;
    this.#parse = options.schema === undefined ? options.parse : parserOf(options.schema);
    this.ready = this.#first.promise;
    // Not everybody waits for it.
    this.ready.catch(() => undefined);
    this.#cache = new NodeCache(zk, path, (znode) => this.#look(znode));
    this.#cache.ready.catch((reason: unknown) => {
      this.#first.reject(reason);
      this.#changed.reject(reason);
    });
  }

  /** The last valid configuration; undefined while there was none. */
  get current(): T | undefined {
    return this.#latest?.config;
  }

  /**
   * Yields the configuration as it is now, and again after each change, until the store is closed.
   * Waits while there is none. Some that followed each other quickly may be left out, the last one
   * never.
   *
   * @throws the signal's reason; KeeperError when the client is closed, or it may not be read.
   */
  async *observe({ signal }: AcquireOptions = {}): AsyncGenerator<T, void, undefined> {
    using interruption = new Interruption(this.#zk, signal, "close");
    let last: { readonly config: T } | undefined;
    while (!this.#isClosed) {
      interruption.throwIfInterrupted();
      if (this.#latest === last) {
        await interruption.race(this.#changed.promise);
        continue;
      }
      last = this.#latest;
      if (last !== undefined) yield last.config;
    }
  }

  /**
   * Changes it from what it is now, undefined if there is none.
   *
   * @throws SchemaError, or what `parse` throws; KeeperError CONNECTIONLOSS when it is unknown whether
   *   it was written.
   */
  async update(change: (config: T | undefined) => T): Promise<void> {
    const parse = this.#parse;
    const write = (old: T | undefined): string => {
      const text = JSON.stringify(change(old));
      parse(JSON.parse(text));
      return text;
    };
    const [zk, path] = [this.#zk, this.#path];
    const read = (): Promise<Znode> => retry(zk, () => zk.get(path));
    for (;;) {
      const isThere = (await retry(zk, () => zk.exists(path))) !== undefined;
      if (!isThere && (await this.#create(write(undefined)))) return;
      try {
        await changeValue(zk, path, (znode) => write(parse(znode.json())), read);
        return;
      } catch (error) {
        // Deleted meanwhile: nothing but a valid one takes its place.
        if (!isKeeperError(error, Code.NONODE)) throw error;
      }
    }
  }

  /** Stops following; {@link current} stays. */
  close(): Promise<void> {
    this.#isClosed = true;
    this.#changed.resolve();
    return this.#cache.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** @returns false if somebody else was faster. */
  async #create(text: string): Promise<boolean> {
    const { acl } = this.#options;
    try {
      await ensurePath(this.#zk, parentOf(this.#path), { acl });
      await this.#zk.create(this.#path, text, { acl });
      return true;
    } catch (error) {
      if (isKeeperError(error, Code.NODEEXISTS)) return false;
      throw error;
    }
  }

  #look(znode: Znode | undefined): void {
    if (znode === undefined) return;
    const { onChange, onInvalid } = this.#options;
    let config: T;
    try {
      config = this.#parse(znode.json());
    } catch (error) {
      this.#first.reject(error);
      if (onInvalid !== undefined) tell(onInvalid, error);
      return;
    }
    this.#latest = { config };
    this.#first.resolve(config);
    this.#changed.resolve();
    this.#changed = unheard();
    if (onChange !== undefined) tell(onChange, config);
  }
}

/** A promise that may fail without anybody waiting for it. */
function unheard(): PromiseWithResolvers<void> {
  const resolvers = Promise.withResolvers<void>();
  resolvers.promise.catch(() => undefined);
  return resolvers;
}
