import { compareInTree, type HiddenNode, isBelowOrAt, type TreeNode } from "./tree-node.ts";

/** What two trees have at one path; at least one of them has something. */
export interface Pair {
  readonly path: string;
  readonly left: TreeNode | undefined;
  readonly right: TreeNode | undefined;
}

/** What may not be read in one of two trees: there is nothing to compare, from this path down. */
export interface HiddenPair {
  readonly path: string;
  readonly hidden: "left" | "right";
}

type Stream = AsyncIterable<TreeNode | HiddenNode>;
type Head = IteratorResult<TreeNode | HiddenNode, unknown>;

/** Walks two trees side by side: pairs come in the order of a walk, and none is kept. */
export async function* pairTrees(
  left: Stream,
  right: Stream,
): AsyncGenerator<Pair | HiddenPair, void, undefined> {
  const [lefts, rights] = [left[Symbol.asyncIterator](), right[Symbol.asyncIterator]()];
  let hidden: string | undefined;
  try {
    let [l, r] = await Promise.all([lefts.next(), rights.next()]);
    while (!isOver(l) || !isOver(r)) {
      const order = compareHeads(l, r);
      const found: Found = {
        left: order <= 0 && !isOver(l) ? l.value : undefined,
        right: order >= 0 && !isOver(r) ? r.value : undefined,
      };
      [l, r] = await Promise.all([
        found.left === undefined ? l : lefts.next(),
        found.right === undefined ? r : rights.next(),
      ]);
      const pair = pairOf(found);
      if (hidden !== undefined && isBelowOrAt(pair.path, hidden)) continue;
      hidden = "hidden" in pair ? pair.path : undefined;
      yield pair;
    }
  } finally {
    await Promise.all([lefts.return?.(), rights.return?.()]);
  }
}

interface Found {
  readonly left: TreeNode | HiddenNode | undefined;
  readonly right: TreeNode | HiddenNode | undefined;
}

function isOver(head: Head): head is IteratorReturnResult<unknown> {
  return head.done === true;
}

/** What is over comes behind everything. */
function compareHeads(left: Head, right: Head): number {
  if (isOver(left)) return 1;
  return isOver(right) ? -1 : compareInTree(left.value.path, right.value.path);
}

function pairOf({ left, right }: Found): Pair | HiddenPair {
  const path = left?.path ?? right?.path ?? "";
  if (left !== undefined && "isHidden" in left) return { path, hidden: "left" };
  if (right !== undefined && "isHidden" in right) return { path, hidden: "right" };
  return { path, left, right };
}
