import type { KeeperError, ZooKeeper } from "../../client/index.ts";
import type { Change } from "./change.ts";
import { ChangeWriter } from "./change-writer.ts";
import { type HiddenPair, type Pair, pairTrees } from "../tree/pair-trees.ts";
import {
  isBelowOrAt,
  isOfService,
  isSameAcl,
  isSameData,
  pathIn,
  type TreeNode,
  type TreeStream,
} from "../tree/tree-node.ts";

/** What a mirroring did, in znodes. */
export interface MirrorCounts {
  created: number;
  changed: number;
  deleted: number;
  unchanged: number;
  /** In the target alone, and left there. */
  kept: number;
  /** Changes that were refused; most often somebody else was first. */
  refused: number;
  /** Places that may not be read, with all that is below them. */
  hidden: number;
}

/** Where to, and what is told on the way. */
export interface MirrorOptions {
  readonly zk: ZooKeeper;
  readonly root: string;
  /** Deletes what the source does not have. */
  readonly withDelete: boolean;
  readonly signal: AbortSignal;
  /** Told of each znode that was looked at. */
  readonly onSeen: () => void;
  readonly onRefused: (change: Change, error: KeeperError) => void;
  readonly onHidden: (pair: HiddenPair) => void;
}

/** Counts of a mirroring that has not begun. */
export function noCounts(): MirrorCounts {
  return { created: 0, changed: 0, deleted: 0, unchanged: 0, kept: 0, refused: 0, hidden: 0 };
}

/**
 * Makes a target what a source is. Both are walked side by side, and only differences are written,
 * each on the condition that its znode still is what was seen: nobody's change is overwritten unseen,
 * and whoever runs it again goes on where it ended.
 *
 * @throws KeeperError of the connection
 */
export async function mirrorTree(
  source: TreeStream,
  target: TreeStream,
  options: MirrorOptions,
): Promise<MirrorCounts> {
  const mirroring = new Mirroring(options);
  for await (const pair of pairTrees(source, target)) {
    options.signal.throwIfAborted();
    await mirroring.take(pair);
    options.onSeen();
  }
  return mirroring.end();
}

/** A walk through two trees, as far as it has come. */
class Mirroring {
  readonly #options: MirrorOptions;
  readonly #counts = noCounts();
  readonly #writer: ChangeWriter;
  readonly #refused = new Set<string>();
  /** What goes when all that is below it has gone; the innermost is last. */
  readonly #leaving: TreeNode[] = [];

  constructor(options: MirrorOptions) {
    this.#options = options;
    this.#writer = new ChangeWriter(options.zk, (change, error) => {
      this.#uncount(change);
      options.onRefused(change, error);
    });
  }

  async take(pair: Pair | HiddenPair): Promise<void> {
    await this.#leave(pair.path);
    if ("hidden" in pair) {
      this.#counts.hidden += 1;
      this.#options.onHidden(pair);
      return;
    }
    // A file may come from a tree where this was an ordinary place.
    if (isOfService(this.#target(pair.path))) return;
    if (pair.left === undefined) this.#takeExtra(pair.right);
    else if (pair.right === undefined) await this.#create(pair.left);
    else await this.#update(pair.left, pair.right);
  }

  async end(): Promise<MirrorCounts> {
    await this.#leave(undefined);
    await this.#writer.end();
    return this.#counts;
  }

  #target(path: string): string {
    return pathIn(this.#options.root, path);
  }

  #takeExtra(node: TreeNode | undefined): void {
    // A file without a root says nothing about it.
    if (node === undefined || node.path === "") return;
    if (this.#options.withDelete) this.#leaving.push(node);
    else this.#counts.kept += 1;
  }

  async #create(node: TreeNode): Promise<void> {
    this.#counts.created += 1;
    await this.#writer.add({ type: "create", path: this.#target(node.path), node });
  }

  async #update(source: TreeNode, target: TreeNode): Promise<void> {
    const path = this.#target(source.path);
    const { data, acl } = source;
    const hasSameData = isSameData(data, target.data);
    const hasSameAcl = isSameAcl(acl, target.acl);
    if (hasSameData && hasSameAcl) this.#counts.unchanged += 1;
    else this.#counts.changed += 1;
    if (!hasSameData) {
      await this.#writer.add({ type: "set", path, data, version: target.version });
    }
    if (hasSameAcl || acl === undefined) return;
    await this.#writer.add({ type: "setACL", path, acl, aversion: target.aversion });
  }

  /** Deletes what the walk has left behind. */
  async #leave(next: string | undefined): Promise<void> {
    for (;;) {
      const node = this.#leaving.at(-1);
      if (node === undefined || (next !== undefined && isBelowOrAt(next, node.path))) return;
      this.#leaving.pop();
      this.#counts.deleted += 1;
      const path = this.#target(node.path);
      await this.#writer.add({ type: "delete", path, version: node.version });
    }
  }

  #uncount({ type, path }: Change): void {
    // Data and ACL of one znode may both be refused.
    if (this.#refused.has(path)) return;
    this.#refused.add(path);
    this.#counts.refused += 1;
    if (type === "create") this.#counts.created -= 1;
    else if (type === "delete") this.#counts.deleted -= 1;
    else this.#counts.changed -= 1;
  }
}
