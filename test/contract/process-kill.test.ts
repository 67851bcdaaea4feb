import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, it } from "vitest";
import { DataTree } from "../../src/core/data-tree.ts";
import { digestOf } from "../../src/core/tree-digest.ts";
import { NodeSql } from "../../src/storage/node-sql.ts";
import { recover } from "../../src/storage/recover.ts";
import { SqlStore } from "../../src/storage/sql-store.ts";
import { replay, Workload } from "./workload.ts";

const SEED = 11;
let directory = "";

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "edgekeeper-"));
});

afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

/** Runs the writer until it has acknowledged so many txns more, then kills it. */
function writeAndKill(file: string, lines: number): Promise<number> {
  const script = join(import.meta.dirname, "kill-writer.ts");
  const child = spawn(process.execPath, [script, file, String(SEED)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    if (output.split("\n").length > lines) child.kill("SIGKILL");
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", () => resolve(Number(output.split("\n").at(-2) ?? 0)));
  });
}

function recoverFrom(file: string): { readonly zxid: number; readonly digest: string } {
  const db = new DatabaseSync(file);
  const store = new SqlStore(new NodeSql(db));
  const tree = new DataTree(store.tables, store.checkpointZxid);
  recover(store, (logged) => tree.apply(logged));
  const digest = digestOf(store.tables);
  db.close();
  return { zxid: tree.lastZxid, digest };
}

it(
  "[ST18] a process killed under writes loses nothing it acknowledged",
  { timeout: 30_000 },
  async () => {
    const file = join(directory, "shard.sqlite");
    const expected = new Workload(SEED);
    for (const lines of [7, 33, 50]) {
      const acknowledged = await writeAndKill(file, lines);
      const { zxid, digest } = recoverFrom(file);
      expect(zxid).toBeGreaterThanOrEqual(acknowledged);
      expected.next(zxid - expected.history.length);
      expect(digest).toBe(digestOf(replay(expected.history)));
    }
  },
);
