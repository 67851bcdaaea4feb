import { DatabaseSync } from "node:sqlite";
import { OPEN_ACL_UNSAFE } from "../../src/core/acl.ts";
import { DataTree } from "../../src/core/data-tree.ts";
import type { LoggedTxn } from "../../src/core/txn.ts";
import { decodeBatches, encodeBatch } from "../../src/storage/log-batch.ts";
import { NodeSql } from "../../src/storage/node-sql.ts";
import { recover } from "../../src/storage/recover.ts";
import { SqlStore } from "../../src/storage/sql-store.ts";
import { StoreHistory } from "../../src/storage/store-history.ts";
import type { SnapshotSlice } from "../../src/zab/history.ts";

const CREATES = 200_000;
const BATCH = 64;
const DATA = new Uint8Array(100);
const SLICE_BYTES = 8 * 1_048_576;

/** Prints rates of the storage layer over node:sqlite in memory. */
export function benchStorage(): void {
  const database = new NodeSql(new DatabaseSync(":memory:"));
  const txns = Array.from({ length: CREATES }, (_, i) => create(i + 1));
  benchCreates(new SqlStore(database), txns);
  const rows = encodeBatch(txns);
  measure("txns encoded", CREATES, () => encodeBatch(txns));
  measure("txns decoded", CREATES, () => decodeBatches(rows));
  measure("restarts", 1, () => {
    const store = new SqlStore(database);
    const tree = new DataTree(store.tables, store.checkpointZxid);
    recover(store, (logged) => tree.apply(logged));
  });
  benchSnapshot(new SqlStore(database));
}

/** Copies the whole store to another one, as one member does to another. */
function benchSnapshot(store: SqlStore): void {
  const history = new StoreHistory(store);
  const receiver = new SqlStore(new NodeSql(new DatabaseSync(":memory:")));
  const slices: SnapshotSlice[] = [];
  // Of data, keys and Stats: about what the database file holds.
  const megabytes = (CREATES * (DATA.length + 40)) / 1e6;
  measure("megabytes of snapshot read", megabytes, () => {
    for (let cursor = ""; slices.at(-1)?.zxid === undefined;) {
      const slice = history.readSnapshot(cursor, SLICE_BYTES);
      slices.push(slice);
      ({ cursor } = slice);
    }
  });
  measure("megabytes of snapshot staged", megabytes, () => {
    for (const slice of slices) receiver.stageSnapshot(slice);
  });
  measure("megabytes of snapshot installed", megabytes, () => {
    receiver.installSnapshot(store.checkpointZxid);
  });
}

function benchCreates(store: SqlStore, txns: readonly LoggedTxn[]): void {
  const tree = new DataTree(store.tables);
  measure("creates: encode, append, apply, checkpoint", CREATES, () => {
    for (let at = 0; at < CREATES; at += BATCH) {
      const batch = txns.slice(at, at + BATCH);
      store.log.append(encodeBatch(batch));
      for (const logged of batch) tree.apply(logged);
      if (store.dirty.nodes >= 1_000) store.checkpoint(tree.lastZxid);
    }
  });
  measure("reads, about a third of them cached", CREATES, () => {
    for (let i = 0; i < CREATES; i++) store.tables.get(pathOf(1 + ((i * 7_919) % CREATES)));
  });
}

function create(zxid: number): LoggedTxn {
  return {
    header: { sessionId: 2 ** 47 + 1, cxid: zxid, zxid, timeMs: 1_700_000_000_000 + zxid },
    txn: {
      type: "create",
      path: pathOf(zxid),
      data: DATA,
      acl: OPEN_ACL_UNSAFE,
      parentAcl: OPEN_ACL_UNSAFE,
      kind: 0,
      ephemeralOwner: 0,
      ttlMs: 0,
      parentCreateCounter: zxid,
    },
  };
}

function pathOf(zxid: number): string {
  return `/task-${String(zxid).padStart(10, "0")}`;
}

function measure(what: string, count: number, body: () => void): void {
  const start = performance.now();
  body();
  const seconds = (performance.now() - start) / 1_000;
  console.log(`${what}: ${Math.round(count / seconds).toLocaleString("en")} a second`);
}
