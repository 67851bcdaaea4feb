import { CommandError } from "../command-error.ts";
import type { TreeNode } from "./tree-node.ts";

/** Reads what a znode is for its whole life, as files say it. @throws CommandError that says where */
export function parseCopiedKind(
  { kind = "PERSISTENT", ttlMs = 0 }: Readonly<Record<string, unknown>>,
  where: string,
): Pick<TreeNode, "kind" | "ttlMs"> {
  if (kind !== "PERSISTENT" && kind !== "CONTAINER" && kind !== "TTL") {
    throw new CommandError(
      `expected a kind of PERSISTENT, CONTAINER or TTL in ${where}, saw ${JSON.stringify(kind)}`,
    );
  }
  const isTtl = typeof ttlMs === "number" && Number.isSafeInteger(ttlMs) && ttlMs >= 0;
  if (isTtl && (kind === "TTL") === ttlMs > 0) return { kind, ttlMs };
  throw new CommandError(
    `expected ttlMs with the kind TTL in ${where}, saw ${JSON.stringify(ttlMs)}`,
  );
}
