import type { DataNode } from "../core/data-node.ts";
import type { CachedNode, CacheGovernor } from "./cache-governor.ts";

/**
 * Nodes of one store by path, each equal to its row in the table. A node that changes leaves the
 * cache for {@link DirtyNodes} until the next checkpoint. Who stays is the governor's decision.
 */
export class NodeCache {
  readonly #governor: CacheGovernor;
  readonly #nodes = new Map<string, CachedNode>();

  constructor(governor: CacheGovernor) {
    this.#governor = governor;
  }

  /** Returns a cached node and marks it as used. */
  find(path: string): CachedNode | undefined {
    const cached = this.#nodes.get(path);
    if (cached !== undefined) cached.isReferenced = true;
    return cached;
  }

  /** Keeps a node as its row has it; a node that was not asked for again goes first. */
  keep(path: string, node: DataNode, dueMs: number | undefined): void {
    this.drop(path);
    const cached: CachedNode = {
      path,
      node,
      dueMs,
      map: this.#nodes,
      isReferenced: false,
      older: undefined,
      newer: undefined,
    };
    this.#nodes.set(path, cached);
    this.#governor.add(cached);
  }

  drop(path: string): void {
    const cached = this.#nodes.get(path);
    if (cached === undefined) return;
    this.#nodes.delete(path);
    this.#governor.remove(cached);
  }
}
