import type { ACL, Id } from "../core/acl.ts";
import { Code } from "../core/keeper-error.ts";
import { CONFIG_PATH } from "../core/path.ts";
import type { NativeReply, NativeStat } from "../protocol/jute/decode-reply.ts";
import type { NativeRequest } from "../protocol/jute/encode-request.ts";
import { type ChildrenAsk, type ChildrenPage, pageFrom, pageOf } from "./children-page.ts";
import type { Chroot } from "./chroot.ts";
import { type CreateOptions, createRequest } from "./create-options.ts";
import { bytesOf, type Data, Znode } from "./data.ts";
import { KeeperError } from "./keeper-error.ts";
import { type ReadAsk, type ReadResult, readRequest, readResults } from "./multi-read.ts";
import { type Reconfiguration, reconfigRequest } from "./reconfig.ts";
import { Transaction } from "./transaction.ts";
import type { OneShotKind, Watcher } from "./watch-registry.ts";

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

/** What carries the operations out. */
export interface OperationPorts {
  /**
   * @param onAnswer - told the code before anything that came behind the answer is looked at.
   * @throws KeeperError with `path`, as the caller named it, for every code but OK.
   */
  ask(
    request: NativeRequest,
    path?: string,
    onAnswer?: (code: number) => void,
  ): Promise<NativeReply>;
  /** A read registered a watch, on a path as the server knows it. */
  watched(kind: OneShotKind, path: string, watcher: Watcher): void;
}

/**
 * What may be asked of a server, and how its answers are told: the same over a session's connection
 * and over a call by RPC.
 */
export class Operations {
  readonly #chroot: Chroot;
  readonly #ports: OperationPorts;

  constructor(chroot: Chroot, ports: OperationPorts) {
    this.#chroot = chroot;
    this.#ports = ports;
  }

  /**
   * Makes a znode.
   *
   * @throws KeeperError NODEEXISTS, NONODE (of the parent), …
   *
   * @example
   * ```ts
   * await zk.create("/workers/w1", "10.0.0.7:8080", { ephemeral: true });
   * const { path } = await zk.create("/jobs/job-", "paint", { sequential: true });
   * console.log(path); // "/jobs/job-0000000000"
   * ```
   */
  async create(path: string, data: Data = "", options: CreateOptions = {}): Promise<Created> {
    const reply = await this.#ask(createRequest(this.#chroot.outer(path), data, options), path);
    return { path: this.#chroot.inner(reply.path ?? ""), stat: statOf(reply, path) };
  }

  /** Deletes a znode without children. @param version - expected; −1 = any. */
  async delete(path: string, version = -1): Promise<void> {
    await this.#ask({ op: "delete", path: this.#chroot.outer(path), version }, path);
  }

  /**
   * Reads a znode.
   *
   * @throws KeeperError NONODE, NOAUTH
   *
   * @example
   * ```ts
   * const { text, stat } = await zk.get("/color", { watch: ({ type }) => console.log(type) });
   * console.log(text, stat.version);
   * ```
   */
  async get(path: string, { watch }: WatchOption = {}): Promise<Znode> {
    const outer = this.#chroot.outer(path);
    const request = { op: "getData", path: outer, watch: watch !== undefined } as const;
    const reply = await this.#ask(request, path, this.#onOk("data", outer, watch));
    return new Znode(reply.data ?? null, statOf(reply, path));
  }

  /** Looks whether a znode exists: its Stat, or undefined. The watch is set in both cases. */
  async exists(path: string, { watch }: WatchOption = {}): Promise<NativeStat | undefined> {
    const outer = this.#chroot.outer(path);
    const request = { op: "exists", path: outer, watch: watch !== undefined } as const;
    try {
      const reply = await this.#ask(request, path, (code) => {
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
    const reply = await this.#ask(request, path, this.#onOk("child", outer, watch));
    return { children: reply.children ?? [], stat: statOf(reply, path) };
  }

  /**
   * Some children, in the order of their names, with their Stats and data if asked for. A ZooKeeper,
   * which knows no pages, sends all names for each.
   *
   * @throws KeeperError NONODE, NOAUTH, BADARGUMENTS
   *
   * @example
   * ```ts
   * const { children, more } = await zk.childrenPage("/jobs", { limit: 100, data: true });
   * console.log(children[0]?.name, children[0]?.data, more);
   * ```
   */
  async childrenPage(path: string, ask: ChildrenAsk = {}): Promise<ChildrenPage> {
    const page = pageOf(ask, path);
    const outer = this.#chroot.outer(path);
    const reply = await this.#ask({ op: "getChildren2", path: outer, watch: false, page }, path);
    const get = (child: string): Promise<Znode> => this.get(child);
    return pageFrom({ ...reply, stat: statOf(reply, path) }, path, page, get);
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

  /**
   * Reads many at once, at one zxid. A part that fails is no failure of the others.
   *
   * @example
   * ```ts
   * const [config] = await zk.read([{ get: "/config" }, { children: "/workers" }]);
   * if (config !== undefined && "znode" in config) console.log(config.znode.text);
   * ```
   */
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
    const reply = await this.#ask(request, CONFIG_PATH, register);
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

  /** Number of all znodes below a path. */
  async countDescendants(path: string): Promise<number> {
    const outer = this.#chroot.outer(path);
    return (await this.#ask({ op: "getAllChildrenNumber", path: outer }, path)).totalNumber ?? 0;
  }

  /** The identities of this connection. */
  async whoAmI(): Promise<readonly Id[]> {
    return (await this.#ask({ op: "whoAmI" })).ids ?? [];
  }

  #watch(kind: OneShotKind, path: string, watch: Watcher | undefined): void {
    if (watch !== undefined) this.#ports.watched(kind, path, watch);
  }

  #onOk(kind: "data" | "child", path: string, watch: Watcher | undefined): (code: number) => void {
    return (code) => {
      if (code === Code.OK) this.#watch(kind, path, watch);
    };
  }

  #ask(
    request: NativeRequest,
    path?: string,
    onAnswer?: (code: number) => void,
  ): Promise<NativeReply> {
    return this.#ports.ask(request, path, onAnswer);
  }
}

function statOf({ stat }: NativeReply, path: string): NativeStat {
  if (stat === undefined) {
    throw new KeeperError(Code.MARSHALLINGERROR, { path, message: "expected a Stat, saw none" });
  }
  return stat;
}
