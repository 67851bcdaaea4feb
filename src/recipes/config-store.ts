import {
  Code,
  ensurePath,
  isKeeperError,
  parentOf,
  retry,
  type Znode,
  type ZooKeeper,
} from "../client/index.ts";
import { NodeCache } from "./node-cache.ts";
import { SharedValue } from "./shared-value.ts";

/** What a configuration is, and whom it tells. */
export interface ConfigStoreOptions<T> {
  /** Makes a configuration of JSON, or throws: `schema.parse` of zod and others. */
  readonly parse: (json: unknown) => T;
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
 *
 * const parse = (json: unknown): { readonly color: string } => {
 *   const { color } = json as { readonly color?: unknown };
 *   if (typeof color !== "string") throw new TypeError(`expected a color, saw ${typeof color}`);
 *   return { color };
 * };
 * const onChange = ({ color }: { readonly color: string }): void => console.log(color);
 * await using config = new ConfigStore(zk, "/config", { parse, onChange });
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
  readonly #options: ConfigStoreOptions<T>;
  readonly #cache: NodeCache;
  readonly #first = Promise.withResolvers<T>();
  #current: T | undefined;

  constructor(zk: ZooKeeper, path: string, options: ConfigStoreOptions<T>) {
    this.#zk = zk;
    this.#path = path;
    this.#options = options;
    this.ready = this.#first.promise;
    // Not everybody waits for it.
    this.ready.catch(() => undefined);
    this.#cache = new NodeCache(zk, path, (znode) => this.#look(znode));
    this.#cache.ready.catch(this.#first.reject);
  }

  /** The last valid configuration; undefined while there was none. */
  get current(): T | undefined {
    return this.#current;
  }

  /** Changes it from what it is now, undefined if there is none. @throws what `parse` throws. */
  async update(change: (config: T | undefined) => T): Promise<void> {
    const { parse } = this.#options;
    const write = (old: T | undefined): string => {
      const text = JSON.stringify(change(old));
      parse(JSON.parse(text));
      return text;
    };
    if ((await retry(this.#zk, () => this.#zk.exists(this.#path))) === undefined) {
      if (await this.#create(write(undefined))) return;
    }
    await new SharedValue(this.#zk, this.#path).update((znode) => write(parse(znode.json())));
  }

  /** Stops following; {@link current} stays. */
  close(): Promise<void> {
    return this.#cache.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** @returns false if somebody else was faster, or a lost answer leaves it open. */
  async #create(text: string): Promise<boolean> {
    try {
      await ensurePath(this.#zk, parentOf(this.#path));
      await this.#zk.create(this.#path, text);
      return true;
    } catch (error) {
      if (isKeeperError(error, Code.NODEEXISTS)) return false;
      throw error;
    }
  }

  #look(znode: Znode | undefined): void {
    if (znode === undefined) return;
    try {
      const config = this.#options.parse(znode.json());
      this.#current = config;
      this.#first.resolve(config);
      this.#options.onChange?.(config);
    } catch (error) {
      this.#first.reject(error);
      this.#options.onInvalid?.(error);
    }
  }
}
