import { DatabaseSync } from "node:sqlite";
import { DataTree } from "../../src/core/data-tree.ts";
import { encodeBatch } from "../../src/storage/log-batch.ts";
import { NodeSql } from "../../src/storage/node-sql.ts";
import { recover } from "../../src/storage/recover.ts";
import { SqlStore } from "../../src/storage/sql-store.ts";
import { Workload } from "./workload.ts";

/**
 * Writes until it is killed: `node kill-writer.ts <file> <seed>`. Prints each zxid it acknowledges,
 * a line each; starts where the file ends.
 */
const [, , file = "", seed = "1"] = process.argv;
const store = new SqlStore(new NodeSql(new DatabaseSync(file)), {
  logWindow: { bytesMax: 200_000, ageMsMax: Number.MAX_SAFE_INTEGER },
});
const tree = new DataTree(store.tables, store.checkpointZxid);
recover(store, (logged) => tree.apply(logged));
const workload = new Workload(Number(seed));
workload.next(tree.lastZxid);
for (let turn = 1; ; turn++) {
  const txns = workload.next(8);
  store.log.append(encodeBatch(txns));
  for (const logged of txns) tree.apply(logged);
  process.stdout.write(`${tree.lastZxid}\n`);
  if (turn % 5 === 0) store.checkpoint(tree.lastZxid);
  if (turn % 20 === 0) store.log.trim(workload.nowMs);
}
