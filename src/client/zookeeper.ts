import type { ACL, Id } from "../core/acl.ts";
import { Code } from "../core/keeper-error.ts";
import { CONFIG_PATH } from "../core/path.ts";
import type { Zxid } from "../core/zxid.ts";
import type { NativeReply, NativeStat } from "../protocol/jute/decode-reply.ts";
import type { NativeRequest } from "../protocol/jute/encode-request.ts";
import { Chroot } from "./chroot.ts";
import type { Clock } from "./clock.ts";
import type { ConnectionState } from "./connection-state.ts";
import { type CreateOptions, createRequest } from "./create-options.ts";
import { bytesOf, type Data, Znode } from "./data.ts";
import { KeeperError } from "./keeper-error.ts";
import { type ReadAsk, type ReadResult, readRequest, readResults } from "./multi-read.ts";
import { type ClientOptions, sessionOptionsOf } from "./client-options.ts";
import { type Reconfiguration, reconfigRequest } from "./reconfig.ts";
import { Session } from "./session.ts";
import { Transaction } from "./transaction.ts";
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

/** A znode that was made. */
export interface Created {
  /** With the suffix of a sequential one. */
  readonly path: string;
  readonly stat: NativeStat;
}

/** A watch that fires once, at the next change of what was read. */
export interface WatchOption {
  readonly watch?: Watcher | undefined;
}

/**
 * A client of edgekeeper, or of any ZooKeeper.
 *
 * Made connected: requests wait for the connection. Operations of one turn leave together, are
 * carried out and answered in this order, and an event comes before the answer that shows its change.
 * Every failure is a {@link KeeperError}; after CONNECTIONLOSS nobody knows what became of a write.
 *
 * @example
 * ```ts
 * await using zk = new ZooKeeper("http://localhost:8787");
 * await zk.create("/greeting", "hello");
 * console.log((await zk.get("/greeting")).text);
 * ```
 *
 * Source: ZooKeeper `org.apache.zookeeper.ZooKeeper`.
 */
export class ZooKeeper implements AsyncDisposable {
  /** Time and chance, for what is built on this client. */
  readonly clock: Clock;
  readonly #session: Session;
  readonly #watches = new WatchRegistry();
  readonly #chroot: Chroot;
  readonly #stateListeners = new Set<(state: ConnectionState) => void>();

  /**
   * @param servers - `http(s)://…` of a service, or `host:port,host:port/chroot` (Node only).
   * @throws RangeError for servers or options that make no sense.
   */
  constructor(servers: string, options: ClientOptions = {}) {
    const { chroot, ...session } = sessionOptionsOf(servers, options);
    this.clock = session.clock;
    this.#chroot = new Chroot(chroot);
    this.#session = new Session(session, {
      stateChanged: (state) => {
        for (const listener of this.#stateListeners) listener(state);
      },
      event: (event, zxid) => {
        const type = eventNameOf(event.type);
        if (type === undefined) return;
        const path = this.#chroot.inner(event.path);
        for (const watcher of this.#watches.take(event)) watcher({ type, path, zxid });
      },
      watchesToSet: (relativeZxid) => this.#watches.toSet(relativeZxid),
    });
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

  /** Tells of every change of {@link state} until the returned function is called. */
  onState(listener: (state: ConnectionState) => void): () => void {
    this.#stateListeners.add(listener);
    return () => this.#stateListeners.delete(listener);
  }

  /** Makes a znode. @throws KeeperError NODEEXISTS, NONODE (of the parent), … */
  async create(path: string, data: Data = "", options: CreateOptions = {}): Promise<Created> {
    const reply = await this.#ask(createRequest(this.#chroot.outer(path), data, options), path);
    return { path: this.#chroot.inner(reply.path ?? ""), stat: statOf(reply, path) };
  }

  /** Deletes a znode without children. @param version - expected; −1 = any. */
  async delete(path: string, version = -1): Promise<void> {
    await this.#ask({ op: "delete", path: this.#chroot.outer(path), version }, path);
  }

  /** Reads a znode. @throws KeeperError NONODE, NOAUTH */
  async get(path: string, { watch }: WatchOption = {}): Promise<Znode> {
    const outer = this.#chroot.outer(path);
    const request = { op: "getData", path: outer, watch: watch !== undefined } as const;
    const reply = await this.#askWatching(request, path, this.#onOk("data", outer, watch));
    return new Znode(reply.data ?? null, statOf(reply, path));
  }

  /** Looks whether a znode exists: its Stat, or undefined. The watch is set in both cases. */
  async exists(path: string, { watch }: WatchOption = {}): Promise<NativeStat | undefined> {
    const outer = this.#chroot.outer(path);
    const request = { op: "exists", path: outer, watch: watch !== undefined } as const;
    try {
      const reply = await this.#askWatching(request, path, (code) => {
        if (code === Code.OK) this.#watch("data", outer, watch);
        else if (code === Code.NONODE) this.#watch("exist", outer, watch);
      });
      return statOf(reply, path);
    } catch (error) {
      if (error instanceof KeeperError && error.code === Code.NONODE) return undefined;
      throw error;
    }
  }

  /** Writes a znode's data. @param version - expected; −1 = any. */
  async set(path: string, data: Data, version = -1): Promise<NativeStat> {
    const outer = this.#chroot.outer(path);
    return statOf(
      await this.#ask({ op: "setData", path: outer, data: bytesOf(data), version }, path),
      path,
    );
  }

  /** Names of the children, in no order, with the Stat of their parent. */
  async children(
    path: string,
    { watch }: WatchOption = {},
  ): Promise<{ readonly children: readonly string[]; readonly stat: NativeStat }> {
    const outer = this.#chroot.outer(path);
    const request = { op: "getChildren2", path: outer, watch: watch !== undefined } as const;
    const reply = await this.#askWatching(request, path, this.#onOk("child", outer, watch));
    return { children: reply.children ?? [], stat: statOf(reply, path) };
  }

  async getACL(path: string): Promise<{ readonly acl: readonly ACL[]; readonly stat: NativeStat }> {
    const reply = await this.#ask({ op: "getACL", path: this.#chroot.outer(path) }, path);
    return { acl: reply.acl ?? [], stat: statOf(reply, path) };
  }

  /** @param aversion - expected; −1 = any. */
  async setACL(path: string, acl: readonly ACL[], aversion = -1): Promise<NativeStat> {
    const outer = this.#chroot.outer(path);
    return statOf(
      await this.#ask({ op: "setACL", path: outer, acl, version: aversion }, path),
      path,
    );
  }

  /** Starts a transaction; nothing happens before its `commit()`. */
  transaction(): Transaction {
    return new Transaction(async (ops) => {
      const outer = ops.map((op) => ({ ...op, path: this.#chroot.outer(op.path) }));
      const { parts = [] } = await this.#ask({ op: "multi", ops: outer });
      return parts.map((part) =>
        part.op === "create" ? { ...part, path: this.#chroot.inner(part.path) } : part,
      );
    });
  }

  /** Reads many at once, at one zxid. A part that fails is no failure of the others. */
  async read(asks: readonly ReadAsk[]): Promise<readonly ReadResult[]> {
    const ops = asks.map((ask) => readRequest(ask, this.#chroot));
    const { parts = [] } = await this.#ask({ op: "multiRead", ops });
    return readResults(asks, parts);
  }

  /**
   * Reads who the members of the ensemble are, as ZooKeeper's text, outside any chroot: no data for a
   * server that stands alone.
   *
   * Source: ZooKeeper `ZooKeeper.getConfig`.
   */
  async getConfig({ watch }: WatchOption = {}): Promise<Znode> {
    const request = { op: "getData", path: CONFIG_PATH, watch: watch !== undefined } as const;
    const register = this.#onOk("data", CONFIG_PATH, watch);
    const reply = await this.#askWatching(request, CONFIG_PATH, register);
    return new Znode(reply.data ?? null, statOf(reply, CONFIG_PATH));
  }

  /**
   * Changes the members of the ensemble. Whoever may write `/zookeeper/config` may do that; by
   * default only `super`.
   *
   * @returns the new configuration, whose version is the `mzxid` of its Stat.
   * @throws KeeperError RECONFIGDISABLED by a server that stands alone, BADARGUMENTS, BADVERSION,
   *   RECONFIGINPROGRESS, NOAUTH; NEWCONFIGNOQUORUM while too few of the new members have caught up:
   *   they are on their way, ask again.
   * Source: ZooKeeper `ZooKeeperAdmin.reconfigure`.
   */
  async reconfig(change: Reconfiguration): Promise<Znode> {
    const reply = await this.#ask(reconfigRequest(change), CONFIG_PATH);
    return new Znode(reply.data ?? null, statOf(reply, CONFIG_PATH));
  }

  /** Waits until this server has everything that was committed when it was asked. */
  async sync(path = "/"): Promise<void> {
    await this.#ask({ op: "sync", path: this.#chroot.outer(path) }, path);
  }

  /** Paths of the session's ephemerals under a prefix. */
  async ephemerals(prefixPath = "/"): Promise<readonly string[]> {
    const prefix = this.#chroot.outer(prefixPath);
    const { paths = [] } = await this.#ask({ op: "getEphemerals", prefixPath: prefix });
    return paths.map((path) => this.#chroot.inner(path));
  }

  /** Number of all znodes below a path. */
  async countDescendants(path: string): Promise<number> {
    const outer = this.#chroot.outer(path);
    return (await this.#ask({ op: "getAllChildrenNumber", path: outer }, path)).totalNumber ?? 0;
  }

  /** The identities of this connection. */
  async whoAmI(): Promise<readonly Id[]> {
    return (await this.#ask({ op: "whoAmI" })).ids ?? [];
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

  /** The changes of a znode for `for await`; {@link watchStream}. */
  watch(
    path: string,
    options: WatchStreamOptions = {},
  ): AsyncGenerator<WatchEvent | MissedEvents, void, undefined> {
    return watchStream(this, path, options);
  }

  /** Waits until a znode is as wanted, by default until it exists; {@link waitFor}. */
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

  #watch(kind: "data" | "exist" | "child", path: string, watch: Watcher | undefined): void {
    if (watch !== undefined) this.#watches.add(kind, path, watch);
  }

  #onOk(kind: "data" | "child", path: string, watch: Watcher | undefined): (code: number) => void {
    return (code) => {
      if (code === Code.OK) this.#watch(kind, path, watch);
    };
  }

  #ask(request: NativeRequest, path?: string): Promise<NativeReply> {
    return this.#askWatching(request, path, () => undefined);
  }

  /** @param register - told the code before any later event can come. */
  async #askWatching(
    request: NativeRequest,
    path: string | undefined,
    register: (code: number) => void,
  ): Promise<NativeReply> {
    const { code, reply } = await this.#session.request(request, (answer) => register(answer.code));
    if (reply === undefined) throw new KeeperError(code, { path });
    return reply;
  }
}

function statOf({ stat }: NativeReply, path: string): NativeStat {
  if (stat === undefined) {
    throw new KeeperError(Code.MARSHALLINGERROR, { path, message: "expected a Stat, saw none" });
  }
  return stat;
}
