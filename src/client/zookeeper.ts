import { Code } from "../core/keeper-error.ts";
import type { Zxid } from "../core/zxid.ts";
import type { NativeStat } from "../protocol/jute/decode-reply.ts";
import { checkRequest } from "./check-request.ts";
import { Chroot } from "./chroot.ts";
import type { Answer } from "./connection.ts";
import type { Clock } from "./clock.ts";
import type { ConnectionState } from "./connection-state.ts";
import { bytesOf, type Data } from "./data.ts";
import { KeeperError } from "./keeper-error.ts";
import { type ClientOptions, sessionOptionsOf } from "./client-options.ts";
import { type OperationPorts, Operations } from "./operations.ts";
import { Session } from "./session.ts";
import { tell } from "./tell.ts";
import { type WaitOptions, waitFor } from "./wait.ts";
import {
  eventNameOf,
  type Watcher,
  type WatchEvent,
  type WatchKind,
  WatchRegistry,
} from "./watch-registry.ts";
import { WATCHER_TYPES, type WatcherTypeName } from "./watcher-type.ts";
import { type MissedEvents, watchStream, type WatchStreamOptions } from "./watch-stream.ts";

/**
 * A client of edgekeeper, or of any ZooKeeper.
 *
 * Made connected: requests wait for the connection. Operations of one turn leave together, are
 * carried out and answered in this order, and an event comes before the answer that shows its change.
 * Every failure is a {@link KeeperError}; after CONNECTIONLOSS nobody knows what became of a write.
 *
 * @example
 * ```ts
 * import { ZooKeeper } from "edgekeeper/client";
 *
 * await using zk = new ZooKeeper("http://localhost:8787");
 * await zk.create("/greeting", "hello");
 * console.log((await zk.get("/greeting")).text);
 * ```
 *
 * Source: ZooKeeper `org.apache.zookeeper.ZooKeeper`.
 */
export class ZooKeeper extends Operations implements AsyncDisposable {
  /** Time and chance, for what is built on this client. */
  readonly clock: Clock;
  readonly #ask: OperationPorts["ask"];
  readonly #session: Session;
  readonly #watches: WatchRegistry;
  readonly #chroot: Chroot;
  readonly #stateListeners: Set<(state: ConnectionState) => void>;

  /**
   * @param servers - `http(s)://…` of a service, or `host:port,host:port/chroot` (Node only).
   * @throws RangeError for servers or options that make no sense.
   */
  constructor(servers: string, options: ClientOptions = {}) {
    const { chroot: prefix, ...sessionOptions } = sessionOptionsOf(servers, options);
    const chroot = new Chroot(prefix);
    const watches = new WatchRegistry();
    const stateListeners = new Set<(state: ConnectionState) => void>();
    const session = new Session(sessionOptions, {
      stateChanged: (state) => {
        for (const listener of stateListeners) tell(listener, state);
      },
      event: (event, zxid) => {
        const type = eventNameOf(event.type);
        if (type === undefined) return;
        const path = chroot.inner(event.path);
        for (const watcher of watches.take(event)) tell(watcher, { type, path, zxid });
      },
      watchesToSet: (relativeZxid) => watches.toSet(relativeZxid),
    });
    const ask: OperationPorts["ask"] = async (request, path, onAnswer) => {
      checkRequest(request);
      const hear = (answer: Answer): void => onAnswer?.(answer.code);
      const { code, reply, cause } = await session.request(request, hear);
      if (reply === undefined) throw new KeeperError(code, { path, cause });
      return reply;
    };
    super(chroot, { ask, watched: (kind, path, watcher) => watches.add(kind, path, watcher) });
    this.clock = sessionOptions.clock;
    this.#ask = ask;
    this.#session = session;
    this.#watches = watches;
    this.#chroot = chroot;
    this.#stateListeners = stateListeners;
  }

  get state(): ConnectionState {
    return this.#session.state;
  }

  /** The session's id, as texts show it; undefined while there is none. */
  get sessionId(): bigint | undefined {
    return this.#session.session?.id;
  }

  /** What the server granted, milliseconds; undefined while there is no session. */
  get sessionTimeoutMs(): number | undefined {
    return this.#session.session?.timeoutMs;
  }

  /** The last zxid that a server told. */
  get lastZxid(): Zxid {
    return this.#session.lastZxid;
  }

  /**
   * Tells of every change of {@link state} until the returned function is called.
   *
   * @example
   * ```ts
   * const stop = zk.onState((state) => console.log(state));
   * ```
   */
  onState(listener: (state: ConnectionState) => void): () => void {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }

  /** Paths of the session's ephemerals under a prefix. */
  async ephemerals(prefixPath = "/"): Promise<readonly string[]> {
    const prefix = this.#chroot.outer(prefixPath);
    const { paths = [] } = await this.#ask({ op: "getEphemerals", prefixPath: prefix });
    return paths.map((path) => this.#chroot.inner(path));
  }

  /** Proves an identity, here and after every reconnect. @throws KeeperError AUTHFAILED; then the client is closed. */
  async addAuth(scheme: string, auth: Data): Promise<void> {
    const bytes = bytesOf(auth) ?? new Uint8Array(0);
    const code = await this.#session.authenticate({ op: "auth", scheme, auth: bytes });
    if (code !== Code.OK) throw new KeeperError(code);
  }

  /**
   * Watches a znode, or with `recursive` everything below it too, until the returned function is
   * called: every change, over reconnects and new sessions. What happens while there is no
   * connection is not told: read again when {@link state} is `connected` again.
   *
   * @example
   * ```ts
   * const stop = await zk.addWatch("/app", ({ type, path }) => console.log(type, path));
   * await stop();
   * ```
   */
  async addWatch(
    path: string,
    watcher: Watcher,
    { recursive = false }: { readonly recursive?: boolean } = {},
  ): Promise<() => Promise<void>> {
    const outer = this.#chroot.outer(path);
    const kind = recursive ? "persistentRecursive" : "persistent";
    // Known before it is asked for: an event may come before the answer has been looked at.
    this.#watches.add(kind, outer, watcher);
    try {
      await this.#ask({ op: "addWatch", path: outer, mode: recursive ? 1 : 0 }, path);
    } catch (error) {
      this.#watches.remove(kind, outer, watcher);
      throw error;
    }
    return async () => {
      if (!this.#watches.remove(kind, outer, watcher)) return;
      const type = recursive ? 5 : 4;
      try {
        await this.#ask({ op: "removeWatches", path: outer, type }, path);
      } catch (error) {
        // The connection that had it is gone, and the next one was not told.
        if (!(error instanceof KeeperError)) throw error;
      }
    };
  }

  /**
   * Ends all watches of a path, or those of one type, whoever set them. Nobody is told.
   *
   * @returns in which ways it was watched.
   * @throws KeeperError NOWATCHER if it was not.
   * Source: ZooKeeper `ZooKeeper.removeAllWatches`.
   */
  async removeWatches(path: string, type: WatcherTypeName = "Any"): Promise<readonly WatchKind[]> {
    const outer = this.#chroot.outer(path);
    const { code, kinds } = WATCHER_TYPES[type];
    // Servers know one client as one watcher: whoever watches nothing need not ask.
    if (!this.#watches.has(outer, kinds)) throw new KeeperError(Code.NOWATCHER, { path });
    await this.#ask({ op: "removeWatches", path: outer, type: code }, path);
    return this.#watches.removeAll(outer, kinds);
  }

  /**
   * The changes of a znode for `for await`; {@link watchStream}.
   *
   * @example
   * ```ts
   * for await (const { type, path } of zk.watch("/app", { recursive: true })) {
   *   console.log(type, path);
   * }
   * ```
   */
  watch(
    path: string,
    options: WatchStreamOptions = {},
  ): AsyncGenerator<WatchEvent | MissedEvents, void, undefined> {
    return watchStream(this, path, options);
  }

  /**
   * Waits until a znode is as wanted, by default until it exists; {@link waitFor}.
   *
   * @example
   * ```ts
   * await zk.waitFor("/ready", undefined, { signal: AbortSignal.timeout(10_000) });
   * ```
   */
  waitFor(
    path: string,
    isWanted: (stat: NativeStat | undefined) => boolean = (stat) => stat !== undefined,
    options: WaitOptions = {},
  ): Promise<NativeStat | undefined> {
    return waitFor(this, path, isWanted, options);
  }

  /** Ends the session with its ephemerals, and the connection. What is under way fails. */
  close(): Promise<void> {
    return this.#session.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
