import type { AdminData } from "../../core/admin-data.ts";

/**
 * Znodes as ZooKeeper counts them: the root twice, because its table has it as the empty path and
 * as `/`. Source: ZooKeeper `DataTree.getNodeCount`.
 */
export function nodeCount({ znodes }: AdminData): number {
  return znodes + 1;
}
