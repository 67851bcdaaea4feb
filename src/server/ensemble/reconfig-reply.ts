import type { DataTree } from "../../core/data-tree.ts";
import type { Stat } from "../../core/stat.ts";
import type { Reply } from "../../core/request.ts";
import type { TxnResult } from "../../core/txn.ts";

/** Answers a reconfiguration with the configuration of now and the Stat of its txn. */
export function reconfigReply(
  { tables }: Pick<DataTree, "tables">,
  { path, stat }: Pick<Extract<TxnResult, { readonly stat: Stat }>, "path" | "stat">,
): Reply {
  return { op: "reconfig", path, stat, data: tables.get(path)?.data ?? null };
}
