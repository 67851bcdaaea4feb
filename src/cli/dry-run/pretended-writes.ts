import {
  Code,
  isKeeperError,
  KeeperError,
  parentOf,
  type Stat,
  type ZooKeeper,
} from "../../client/index.ts";
import { type ACL, checkACL, type Id, Perms, userOf } from "../../core/acl.ts";
import { CreateMode, findNodeKind, findCreateMode, isSequential } from "../../core/create-mode.ts";
import { NodeKind } from "../../core/data-node.ts";
import { isSpecialPath, sequenceSuffix } from "../../core/path.ts";
import type { MultiCreate, MultiOp, SetACLRequest } from "../../core/request.ts";
import type { NativePart } from "../../protocol/jute/decode-reply.ts";
import { kindOf } from "../tree/stat-kind.ts";
import { type PretendedNode, PretendedTree } from "./pretended-tree.ts";

/** A write that may be pretended. */
export type Write = MultiOp | SetACLRequest;

/** What a write would have done. */
export interface Pretence {
  readonly write: Write;
  /** With the suffix of a sequential one. */
  readonly path: string;
  readonly part: NativePart;
}

/**
 * Judges writes as the server would, by what can be read: whether there is a znode and a parent, the
 * version, children, the permission. Quotas, and what somebody else does meanwhile, it can't know.
 *
 * Source: ZooKeeper `PrepRequestProcessor.pRequest2Txn`.
 */
export class PretendedWrites {
  readonly tree: PretendedTree;
  readonly #zk: ZooKeeper;
  #ids: Promise<readonly Id[] | undefined> | undefined;
  #undo: (() => void)[] = [];
  /** One after the other, as a server does it. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(zk: ZooKeeper) {
    this.#zk = zk;
    this.tree = new PretendedTree(zk);
  }

  /**
   * Pretends writes, all of them or none.
   *
   * @throws KeeperError with `failedAt`, as the server would answer the first one that fails
   */
  pretend(writes: readonly Write[]): Promise<readonly Pretence[]> {
    const pretending = this.#last.then(() => this.#pretendAll(writes));
    this.#last = pretending.catch(() => undefined);
    return pretending;
  }

  async #pretendAll(writes: readonly Write[]): Promise<readonly Pretence[]> {
    this.#undo = [];
    this.tree.lookAhead(writes.map(({ path }) => path));
    const pretences: Pretence[] = [];
    for (const [failedAt, write] of writes.entries()) {
      try {
        pretences.push(await this.#pretendOne(write));
      } catch (error) {
        for (const undo of this.#undo.toReversed()) undo();
        if (!isKeeperError(error)) throw error;
        throw new KeeperError(error.code, { path: write.path, failedAt });
      }
    }
    return pretences;
  }

  async #pretendOne(write: Write): Promise<Pretence> {
    const { path } = write;
    switch (write.op) {
      case "setData": {
        const { data, version } = write;
        const stat = await this.#writable(path, Perms.WRITE);
        expectVersion(stat.version, version);
        const dataLength = data?.length ?? 0;
        const part = {
          op: "setData",
          stat: { ...stat, version: stat.version + 1, dataLength },
        } as const;
        await this.#put(path, { data, stat: part.stat });
        return { write, path, part };
      }
      case "setACL": {
        const stat = await this.#writable(path, Perms.ADMIN);
        expectVersion(stat.aversion, write.version);
        const part = { op: "setData", stat: { ...stat, aversion: stat.aversion + 1 } } as const;
        await this.#put(path, { acl: write.acl, stat: part.stat });
        return { write, path, part };
      }
      case "delete":
        await this.#delete(path, write.version);
        return { write, path, part: { op: "delete" } };
      case "check":
        expectVersion((await this.#existing(path)).version, write.version);
        return { write, path, part: { op: "check" } };
      default:
        return this.#create(write);
    }
  }

  async #create(write: MultiCreate): Promise<Pretence> {
    const mode = findCreateMode(write.flags) ?? CreateMode.PERSISTENT;
    const kind = findNodeKind(write.op, mode);
    const parentPath = parentOf(write.path);
    const parent = await this.#writable(parentPath, Perms.CREATE);
    if (kindOf(parent.ephemeralOwner).kind === "EPHEMERAL") throw of(Code.NOCHILDRENFOREPHEMERALS);
    // Creates are half of what happened to children, and the half that is still there.
    const created = (parent.cversion + parent.numChildren) / 2;
    const path = isSequential(mode) ? write.path + sequenceSuffix(created) : write.path;
    if ((await this.tree.stat(path)) !== undefined) throw of(Code.NODEEXISTS);
    const session = this.#zk.sessionId ?? 0n;
    const stat: Stat = {
      ...NEW,
      ephemeralOwner: kind === NodeKind.EPHEMERAL ? session : 0n,
      dataLength: write.data?.length ?? 0,
    };
    this.#undo.push(this.tree.put(path, { data: write.data, acl: write.acl, stat, isNew: true }));
    await this.#count(parentPath, 1);
    return { write, path, part: { op: "create", path, stat } };
  }

  async #delete(path: string, version: number): Promise<void> {
    const stat = await this.#existing(path);
    if (isSpecialPath(path)) throw of(Code.BADARGUMENTS);
    await this.#demand(parentOf(path), Perms.DELETE);
    expectVersion(stat.version, version);
    if (stat.numChildren > 0) throw of(Code.NOTEMPTY);
    this.#undo.push(this.tree.put(path, undefined));
    await this.#count(parentOf(path), -1);
  }

  /** A znode has one child more or less; what can't be read is not needed. */
  async #count(path: string, difference: number): Promise<void> {
    const stat = await this.#existing(path);
    const counted = { numChildren: stat.numChildren + difference, cversion: stat.cversion + 1 };
    await this.#put(path, { stat: { ...stat, ...counted } });
  }

  async #put(path: string, change: Partial<PretendedNode>): Promise<void> {
    const node = await this.tree.node(path).catch(async (error: unknown) => {
      if (!isKeeperError(error, Code.NOAUTH)) throw error;
      return { data: null, acl: [], stat: await this.#existing(path), isNew: false };
    });
    this.#undo.push(this.tree.put(path, { ...node, ...change }));
  }

  async #existing(path: string): Promise<Stat> {
    const stat = await this.tree.stat(path);
    if (stat === undefined) throw of(Code.NONODE);
    return stat;
  }

  async #writable(path: string, perm: number): Promise<Stat> {
    const stat = await this.#existing(path);
    await this.#demand(path, perm);
    return stat;
  }

  /** @throws KeeperError NOAUTH if it is sure that this may not be done */
  async #demand(path: string, perm: number): Promise<void> {
    this.#ids ??= this.#zk.whoAmI().catch(() => undefined);
    const ids = await this.#ids;
    if (ids === undefined) return;
    const { acl } = await this.tree.node(path).catch(() => ({ acl: [] }));
    if (!mayHave(acl, perm, ids)) throw of(Code.NOAUTH);
  }
}

/** Servers tell of a digest only its user: whoever has that name may have the password. */
function mayHave(acl: readonly ACL[], perm: number, ids: readonly Id[]): boolean {
  const users = new Set(
    ids.filter(({ scheme }) => scheme === "digest").map(({ id }) => userOf(id)),
  );
  const mine = acl.map((entry) =>
    entry.id.scheme === "digest" && users.has(userOf(entry.id.id))
      ? { ...entry, id: ANYONE }
      : entry,
  );
  return checkACL(mine, perm, ids);
}

const ANYONE: Id = { scheme: "world", id: "anyone" };

const NEW = {
  czxid: 0,
  mzxid: 0,
  pzxid: 0,
  ctime: 0,
  mtime: 0,
  version: 0,
  cversion: 0,
  aversion: 0,
  numChildren: 0,
} as const;

function expectVersion(seen: number, expected: number): void {
  if (expected !== -1 && expected !== seen) throw of(Code.BADVERSION);
}

function of(code: Code): KeeperError {
  return new KeeperError(code);
}
