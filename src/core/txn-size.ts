import type { ACL } from "./acl.ts";
import type { Txn } from "./txn.ts";

/**
 * About how many bytes a txn takes in the log: data, and what is text at one byte a code unit.
 *
 * Good enough to bound a txn; the log counts the bytes it really writes.
 */
export function sizeOfTxn(txn: Txn): number {
  switch (txn.type) {
    case "create":
      return textSize(txn.path, txn.acl) + (txn.data?.length ?? 0);
    case "setData":
      return textSize(txn.path, txn.acl) + (txn.data?.length ?? 0);
    case "delete":
    case "setACL":
      return textSize(txn.path, txn.acl);
    case "check":
      return txn.path.length;
    case "multi":
      return txn.txns.reduce((sum, sub) => sum + sizeOfTxn(sub), 0);
    case "closeSession":
      return txn.deletes.reduce((sum, sub) => sum + sizeOfTxn(sub), 0);
    case "createSession":
    case "error":
      return 0;
  }
}

function textSize(path: string, acl: readonly ACL[]): number {
  return acl.reduce((sum, { id }) => sum + id.scheme.length + id.id.length, path.length);
}
