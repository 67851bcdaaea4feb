import {
  Code,
  KeeperError,
  nameOf,
  parentOf,
  type Stat,
  type ZooKeeper,
} from "../../client/index.ts";
import type { ACL } from "../../core/acl.ts";

/** A znode as it would be. */
export interface PretendedNode {
  readonly data: Uint8Array | null;
  readonly acl: readonly ACL[];
  readonly stat: Stat;
  /** The server has none, or another one, at this path. */
  readonly isNew: boolean;
}

/** What is at a path: a znode as it would be, or none. */
type Pretended = PretendedNode | undefined;

/**
 * The tree of a server as it would be behind writes that are only pretended, so that a command finds
 * what it takes for written. The server is only read.
 */
export class PretendedTree {
  readonly #zk: ZooKeeper;
  /** What is otherwise than at the server, by parent and name; undefined for what would be gone. */
  readonly #changes = new Map<string, Map<string, Pretended>>();

  /** Stats that were asked for together, because they will be needed. */
  #ahead: ReadonlyMap<string, Promise<Stat | undefined>> = new Map();

  constructor(zk: ZooKeeper) {
    this.#zk = zk;
  }

  /** Asks for Stats at once, in the place of those that were asked for before. */
  lookAhead(paths: readonly string[]): void {
    this.#ahead = new Map(
      paths.map((path) => {
        const looking = this.#zk.exists(path);
        // Looked at by whoever needs it.
        looking.catch(() => undefined);
        return [path, looking];
      }),
    );
  }

  /** The Stat, or undefined where nothing would be. */
  async stat(path: string): Promise<Stat | undefined> {
    const change = this.#changeAt(path);
    if (change === undefined) return this.#ahead.get(path) ?? this.#zk.exists(path);
    return change.node?.stat;
  }

  /** @throws KeeperError NONODE, NOAUTH */
  async data(path: string): Promise<Pick<PretendedNode, "data" | "stat">> {
    return this.#changeAt(path) === undefined ? this.#zk.get(path) : this.node(path);
  }

  /** @throws KeeperError NONODE, NOAUTH */
  async node(path: string): Promise<PretendedNode> {
    const change = this.#changeAt(path);
    if (change === undefined) {
      const [{ data, stat }, { acl }] = await Promise.all([
        this.#zk.get(path),
        this.#zk.getACL(path),
      ]);
      return { data, acl, stat, isNew: false };
    }
    if (change.node === undefined) throw new KeeperError(Code.NONODE, { path });
    return change.node;
  }

  /** @throws KeeperError NONODE, NOAUTH */
  async childNames(path: string): Promise<readonly string[]> {
    const change = this.#changeAt(path);
    if (change !== undefined && change.node === undefined) {
      throw new KeeperError(Code.NONODE, { path });
    }
    const isNew = change?.node?.isNew ?? false;
    const names = new Set(isNew ? [] : (await this.#zk.children(path)).children);
    for (const [name, node] of this.#changes.get(path) ?? []) {
      if (node === undefined) names.delete(name);
      else names.add(name);
    }
    return [...names];
  }

  /** Writes, or with undefined deletes. @returns what takes it back */
  put(path: string, node: Pretended): () => void {
    const [parent, name] = placeOf(path);
    const siblings = this.#changes.get(parent) ?? new Map<string, Pretended>();
    this.#changes.set(parent, siblings);
    const before = this.#changeAt(path);
    siblings.set(name, node);
    return () => {
      if (before === undefined) siblings.delete(name);
      else siblings.set(name, before.node);
    };
  }

  /** Undefined for what is as at the server. */
  #changeAt(path: string): { readonly node: Pretended } | undefined {
    const [parent, name] = placeOf(path);
    const siblings = this.#changes.get(parent);
    return siblings?.has(name) === true ? { node: siblings.get(name) } : undefined;
  }
}

/** The root is nobody's child. */
function placeOf(path: string): readonly [parent: string, name: string] {
  return path === "/" ? ["", ""] : [parentOf(path), nameOf(path)];
}
