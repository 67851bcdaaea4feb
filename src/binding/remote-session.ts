import type { ConnectionState } from "../client/connection-state.ts";
import type { RemoteSession } from "../client/keeper-binding.ts";
import type { WatchEvent } from "../client/watch-registry.ts";
import type { ZooKeeper } from "../client/zookeeper.ts";
import type { Zxid } from "../core/zxid.ts";
import { HeldCallbacks } from "./held-callbacks.ts";
import { RemoteOperationsTarget } from "./remote-operations.ts";

/**
 * A session held for another Worker. It ends when it is closed or disposed of, which the platform does
 * when the invocation ends that holds it.
 *
 * Owns the client: nobody else closes it.
 */
export class RemoteSessionTarget extends RemoteOperationsTarget implements RemoteSession {
  readonly #zk: ZooKeeper;
  readonly #callbacks: HeldCallbacks;
  readonly #keepAlive: (ending: Promise<void>) => void;

  /** @param keepAlive - lets this Worker live until something has ended. */
  constructor(zk: ZooKeeper, keepAlive: (ending: Promise<void>) => void) {
    const callbacks = new HeldCallbacks();
    super(zk, callbacks);
    this.#zk = zk;
    this.#callbacks = callbacks;
    this.#keepAlive = keepAlive;
  }

  get state(): Promise<ConnectionState> {
    return Promise.resolve(this.#zk.state);
  }

  get sessionId(): Promise<bigint | undefined> {
    return Promise.resolve(this.#zk.sessionId);
  }

  get sessionTimeoutMs(): Promise<number | undefined> {
    return Promise.resolve(this.#zk.sessionTimeoutMs);
  }

  get lastZxid(): Promise<Zxid> {
    return Promise.resolve(this.#zk.lastZxid);
  }

  async onState(listener: (state: ConnectionState) => void): Promise<() => void> {
    const { tell, release } = this.#callbacks.hold(listener);
    const stop = this.#zk.onState(tell);
    return () => {
      stop();
      release();
    };
  }

  async addWatch(...args: Parameters<ZooKeeper["addWatch"]>): Promise<() => Promise<void>> {
    const [path, watcher, options] = args;
    const { tell, release } = this.#callbacks.hold<WatchEvent>(watcher);
    try {
      const stop = await this.#zk.addWatch(path, tell, options);
      return async () => {
        release();
        await stop();
      };
    } catch (error) {
      release();
      throw error;
    }
  }

  removeWatches(
    ...args: Parameters<ZooKeeper["removeWatches"]>
  ): ReturnType<ZooKeeper["removeWatches"]> {
    return this.#zk.removeWatches(...args);
  }

  addAuth(...args: Parameters<ZooKeeper["addAuth"]>): ReturnType<ZooKeeper["addAuth"]> {
    return this.#zk.addAuth(...args);
  }

  ephemerals(prefixPath?: string): ReturnType<ZooKeeper["ephemerals"]> {
    return this.#zk.ephemerals(prefixPath);
  }

  async close(): Promise<void> {
    await this.#zk.close();
    this.#callbacks.releaseAll();
  }

  [Symbol.dispose](): void {
    this.#keepAlive(this.close());
  }
}
