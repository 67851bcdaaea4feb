import { RpcTarget } from "cloudflare:workers";
import type { Znode } from "../client/data.ts";
import type {
  RemoteOperations,
  RemoteReadResult,
  RemoteTransaction,
  ZnodeValue,
} from "../client/keeper-binding.ts";
import type { Operations, WatchOption } from "../client/operations.ts";
import type { WatchEvent } from "../client/watch-registry.ts";
import type { HeldCallbacks } from "./held-callbacks.ts";
import { RemoteTransactionTarget } from "./remote-transaction.ts";

/**
 * The client's operations for another Worker. What can't travel is made a value; a watcher is held
 * until it was told.
 *
 * All methods of the prototype can be called from outside: what is not for that is private.
 */
export class RemoteOperationsTarget extends RpcTarget implements RemoteOperations {
  readonly #operations: Operations;
  readonly #callbacks: HeldCallbacks;

  constructor(operations: Operations, callbacks: HeldCallbacks) {
    super();
    this.#operations = operations;
    this.#callbacks = callbacks;
  }

  create(...args: Parameters<Operations["create"]>): ReturnType<Operations["create"]> {
    return this.#operations.create(...args);
  }

  delete(...args: Parameters<Operations["delete"]>): ReturnType<Operations["delete"]> {
    return this.#operations.delete(...args);
  }

  set(...args: Parameters<Operations["set"]>): ReturnType<Operations["set"]> {
    return this.#operations.set(...args);
  }

  async get(path: string, options?: WatchOption): Promise<ZnodeValue> {
    return valueOf(await this.#watching(options, (kept) => this.#operations.get(path, kept)));
  }

  exists(path: string, options?: WatchOption): ReturnType<Operations["exists"]> {
    return this.#watching(options, (kept) => this.#operations.exists(path, kept));
  }

  children(path: string, options?: WatchOption): ReturnType<Operations["children"]> {
    return this.#watching(options, (kept) => this.#operations.children(path, kept));
  }

  childrenPage(
    ...args: Parameters<Operations["childrenPage"]>
  ): ReturnType<Operations["childrenPage"]> {
    return this.#operations.childrenPage(...args);
  }

  getACL(path: string): ReturnType<Operations["getACL"]> {
    return this.#operations.getACL(path);
  }

  setACL(...args: Parameters<Operations["setACL"]>): ReturnType<Operations["setACL"]> {
    return this.#operations.setACL(...args);
  }

  async getConfig(options?: WatchOption): Promise<ZnodeValue> {
    return valueOf(await this.#watching(options, (kept) => this.#operations.getConfig(kept)));
  }

  async reconfig(...args: Parameters<Operations["reconfig"]>): Promise<ZnodeValue> {
    return valueOf(await this.#operations.reconfig(...args));
  }

  async read(...args: Parameters<Operations["read"]>): Promise<readonly RemoteReadResult[]> {
    const results = await this.#operations.read(...args);
    return results.map((result) =>
      "znode" in result ? { ...result, znode: valueOf(result.znode) } : result,
    );
  }

  transaction(): RemoteTransaction {
    return new RemoteTransactionTarget(this.#operations.transaction());
  }

  sync(path?: string): ReturnType<Operations["sync"]> {
    return this.#operations.sync(path);
  }

  countDescendants(path: string): ReturnType<Operations["countDescendants"]> {
    return this.#operations.countDescendants(path);
  }

  whoAmI(): ReturnType<Operations["whoAmI"]> {
    return this.#operations.whoAmI();
  }

  /** Reads with a watcher that is held until it was told, or the read has failed. */
  async #watching<T>(
    { watch }: WatchOption = {},
    read: (kept: WatchOption) => Promise<T>,
  ): Promise<T> {
    if (watch === undefined) return read({});
    const { tell, release } = this.#callbacks.hold<WatchEvent>(watch);
    try {
      return await read({
        watch: (event) => {
          tell(event);
          release();
        },
      });
    } catch (error) {
      release();
      throw error;
    }
  }
}

function valueOf({ data, text, stat }: Znode): ZnodeValue {
  return { data, text, stat };
}
