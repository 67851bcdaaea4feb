import { parentOf } from "../core/path.ts";
import { quotaStatsPaths } from "../core/quota.ts";
import type { LoggedTxn, SetACLTxn, SubTxn } from "../core/txn.ts";
import { nodeKey, outcomeKey, sessionKey } from "./snapshot-row.ts";

/** A row that applying a txn may change. */
export interface TouchedRow {
  readonly key: string;
  /** The txn names it, or its child; otherwise it is a place for the stats of a quota, if any. */
  readonly isNamed: boolean;
}

/**
 * All rows that applying a txn may change, and a few that it does not: the znodes it names, their
 * parents, the stats of quotas above them, its session, its outcome.
 *
 * Follows from the txn alone, always in the same order. Together with the rows as they are now this
 * makes the log a list of what changed: no txn is ever replayed on rows of another zxid. What a txn
 * deletes it names, so a row that is not named and not there needs no mention.
 */
export function touchedRows({ header, txn }: LoggedTxn): TouchedRow[] {
  const rows = new Map<string, boolean>();
  switch (txn.type) {
    case "multi":
      for (const sub of txn.txns) addNode(rows, sub);
      break;
    case "createSession":
      rows.set(sessionKey(txn.id), true);
      break;
    case "closeSession":
      rows.set(sessionKey(header.sessionId), true);
      for (const sub of txn.deletes) addNode(rows, sub);
      break;
    case "error":
      break;
    default:
      addNode(rows, txn);
  }
  if (header.idempotencyKey !== undefined) rows.set(outcomeKey(header.idempotencyKey), true);
  return Array.from(rows, ([key, isNamed]) => ({ key, isNamed }));
}

function addNode(rows: Map<string, boolean>, txn: SubTxn | SetACLTxn): void {
  if (txn.type === "check") return;
  rows.set(nodeKey(txn.path), true);
  if (txn.type === "setACL") return;
  if (txn.type !== "setData") rows.set(nodeKey(parentOf(txn.path)), true);
  for (const path of quotaStatsPaths(txn.path)) {
    const key = nodeKey(path);
    if (!rows.has(key)) rows.set(key, false);
  }
}
