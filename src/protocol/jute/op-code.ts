/**
 * Operations by their number on the wire, spelled as ZooKeeper does.
 *
 * Only those that a client may send or that a multi's answer names. Source: ZooKeeper
 * `ZooDefs.OpCode`.
 */
export const OpCode = {
  create: 1,
  delete: 2,
  exists: 3,
  getData: 4,
  setData: 5,
  getACL: 6,
  setACL: 7,
  getChildren: 8,
  sync: 9,
  ping: 11,
  getChildren2: 12,
  check: 13,
  multi: 14,
  create2: 15,
  reconfig: 16,
  checkWatches: 17,
  removeWatches: 18,
  createContainer: 19,
  createTTL: 21,
  multiRead: 22,
  auth: 100,
  setWatches: 101,
  sasl: 102,
  getEphemerals: 103,
  getAllChildrenNumber: 104,
  setWatches2: 105,
  addWatch: 106,
  whoAmI: 107,
  closeSession: -11,
  /** Marks a failed part, and the end, of a multi's answer. */
  error: -1,
} as const;

/** Xids that a server uses by itself. Source: ZooKeeper `ClientCnxn`. */
export const Xid = { notification: -1, ping: -2 } as const;
