import type { AdminOp } from "../../core/admin-data.ts";

/**
 * What `lop=` and `last_operation` show.
 *
 * Source: ZooKeeper `FinalRequestProcessor.processRequest`; our own operations are shown as those
 * that they are a form of.
 */
const CODES: Readonly<Record<AdminOp, string>> = {
  addWatch: "ADDW",
  // Never operations of their own: they are answered ahead of the pipeline.
  auth: "NA",
  sasl: "NA",
  checkWatches: "CHKW",
  closeSession: "CLOS",
  create: "CREA",
  create2: "CREA",
  createContainer: "CREA",
  createSession: "SESS",
  createTTL: "CREA",
  delete: "DELE",
  deleteRecursive: "DELE",
  exists: "EXIS",
  getACL: "GETA",
  getAllChildrenNumber: "GETACN",
  getChildren: "GETC",
  getChildren2: "GETC",
  getData: "GETD",
  getEphemerals: "GETE",
  multi: "MULT",
  multiRead: "MLTR",
  ping: "PING",
  reap: "DELE",
  reconfig: "RECO",
  removeWatches: "REMW",
  setACL: "SETA",
  setData: "SETD",
  setWatches: "SETW",
  sync: "SYNC",
  whoAmI: "HOMI",
};

/** `NA` before the first operation. */
export function formatLastOperation(op: AdminOp | undefined): string {
  return op === undefined ? "NA" : CODES[op];
}
