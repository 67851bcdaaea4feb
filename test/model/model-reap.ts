import { type ModelNode, type ModelState, walk } from "./model-state.ts";

/** When a znode may go by itself: containers a minute after their last child went. */
function dueMs(node: ModelNode): number | undefined {
  if (node.children.size > 0) return undefined;
  if (node.kind === "ttl") return node.mtime + node.ttlMs + 1;
  if (node.kind !== "container" || node.childlessSinceMs === undefined) return undefined;
  return node.childlessSinceMs + 60_000;
}

/** Znodes that may go, with the time from which on. */
export function reapDates(state: ModelState): Map<string, number> {
  const dates = new Map<string, number>();
  for (const [path, node] of walk(state)) {
    const due = dueMs(node);
    if (due !== undefined) dates.set(path, due);
  }
  return dates;
}
