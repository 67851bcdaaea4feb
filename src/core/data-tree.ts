import { OPEN_ACL_UNSAFE, READ_ACL_UNSAFE, type ACL } from "./acl.ts";
import { applyToNodes } from "./apply.ts";
import { AssertionError } from "./assert.ts";
import { NodeKind, type DataNode } from "./data-node.ts";
import { LIMITS } from "./limits.ts";
import type { Tables } from "./node-table.ts";
import { CONFIG_PATH, QUOTA_PATH, ZOOKEEPER_PATH } from "./path.ts";
import type { CloseSessionTxn, CreateSessionTxn, LoggedTxn, TxnHeader, TxnResult } from "./txn.ts";
import { formatZxid, type Zxid } from "./zxid.ts";

/**
 * The tree: a root, the znodes below it, the sessions that own some of them.
 *
 *     /
 *     ├── zookeeper
 *     │   ├── config     the ensemble's configuration
 *     │   └── quota      limits and stats of subtrees
 *     └── …              what clients create
 *
 * {@link apply} is the only way to change it: live, at recovery, on a follower. Deterministic: the
 * outcome depends on the tables and the txn alone, so that equal logs give equal digests [TR1].
 *
 * Source: ZooKeeper `DataTree`, `ZKDatabase`.
 */
export class DataTree {
  readonly tables: Tables;
  #lastZxid: Zxid;

  /**
   * @param tables - Everything the tree is; fresh ones get the znodes of the service.
   * @param lastZxid - The zxid that the tables stand at.
   */
  constructor(tables: Tables, lastZxid: Zxid = 0) {
    this.tables = tables;
    this.#lastZxid = lastZxid;
    if (tables.get("/") === undefined) seed(tables);
  }

  /** The zxid of the last txn applied. */
  get lastZxid(): Zxid {
    return this.#lastZxid;
  }

  /**
   * Applies one committed txn. Its events are `changesOf(logged)`.
   *
   * @throws AssertionError if the zxid is not above {@link lastZxid}, or if the txn does not fit
   * the tree: the log is out of order, or prep and apply disagree.
   */
  apply({ header, txn }: LoggedTxn): TxnResult {
    if (header.zxid <= this.#lastZxid) throw new AssertionError(outOfOrder(this.#lastZxid, header));
    const result = this.#applyTxn(header, txn);
    this.#lastZxid = header.zxid;
    if (header.idempotencyKey !== undefined) {
      const dueMs = header.timeMs + LIMITS.IDEMPOTENCY_MS;
      this.tables.putOutcome(header.idempotencyKey, { zxid: header.zxid, result, dueMs });
    }
    return result;
  }

  #applyTxn(header: TxnHeader, txn: LoggedTxn["txn"]): TxnResult {
    switch (txn.type) {
      case "multi": {
        const results = txn.txns.map((sub) => applyToNodes(this.tables, header, sub));
        return { type: "multi", results };
      }
      case "createSession":
        return this.#createSession(txn);
      case "closeSession":
        return this.#closeSession(header, txn);
      case "error":
        return { type: "error", code: txn.code };
      default:
        return applyToNodes(this.tables, header, txn);
    }
  }

  #createSession({ id, password, timeoutMs, member }: CreateSessionTxn): TxnResult {
    this.tables.putSession({ id, password, timeoutMs, member });
    return { type: "createSession" };
  }

  #closeSession(header: TxnHeader, txn: CloseSessionTxn): TxnResult {
    for (const sub of txn.deletes) applyToNodes(this.tables, header, sub);
    this.tables.deleteSession(header.sessionId);
    return { type: "closeSession" };
  }
}

function outOfOrder(last: Zxid, { zxid }: TxnHeader): string {
  return `apply expected a zxid above ${formatZxid(last)}, saw ${formatZxid(zxid)}`;
}

/** Puts in place what a fresh server shows, quirks included: cversion −1 and −2, aversion −1. */
function seed(tables: Tables): void {
  tables.put("/", systemNode({ numChildren: 1 }));
  tables.put(ZOOKEEPER_PATH, systemNode({ numChildren: 2 }));
  tables.put(QUOTA_PATH, systemNode({}));
  tables.put(CONFIG_PATH, systemNode({ acl: READ_ACL_UNSAFE, aversion: -1 }));
}

function systemNode(own: {
  readonly numChildren?: number;
  readonly acl?: readonly ACL[];
  readonly aversion?: number;
}): DataNode {
  return {
    data: new Uint8Array(0),
    acl: OPEN_ACL_UNSAFE,
    kind: NodeKind.PERSISTENT,
    ephemeralOwner: 0,
    ttlMs: 0,
    czxid: 0,
    mzxid: 0,
    pzxid: 0,
    ctime: 0,
    mtime: 0,
    version: 0,
    createCounter: 0,
    aversion: 0,
    numChildren: 0,
    ...own,
  };
}
