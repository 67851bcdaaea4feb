import { describe, expect, it } from "vitest";
import { DataTree } from "../../src/core/data-tree.ts";
import { encodeBatch } from "../../src/storage/log-batch.ts";
import { MemoryStore } from "../../src/storage/memory-store.ts";
import { recover } from "../../src/storage/recover.ts";
import { SqlStore } from "../../src/storage/sql-store.ts";
import { INITIAL_HARD_STATE } from "../../src/zab/hard-state.ts";
import type { SnapshotSlice } from "../../src/zab/history.ts";
import { contentOf, copy, expectedAt, Member, send } from "./copying.ts";
import { CutDatabase, type Durability, PowerCut } from "./cut-database.ts";
import { Workload } from "./workload.ts";

const PAST_TXNS = 40;
const PAST = new Workload(50).next(PAST_TXNS);
const HARD_STATE = { ...INITIAL_HARD_STATE, acceptedEpoch: 3, currentEpoch: 3 };

/** The slices of a copy with changes in it, made once. */
const { sender, slices, zxid } = makeSlices();

/** What a store holds without the snapshot, and with it. */
const BEFORE = expectedAt(PAST, PAST_TXNS);
const AFTER = expectedAt(sender.workload.history, zxid);

function makeSlices() {
  const member = new Member(() => new MemoryStore(), 51);
  member.apply(member.workload.quotas());
  member.write(60);
  member.checkpoint();
  const made: SnapshotSlice[] = [];
  const end = copy(
    member,
    1_000,
    (slice) => made.push(send(slice)),
    (round) => {
      if (round > 2) return;
      member.write(15);
      member.checkpoint();
    },
  );
  return { sender: member, slices: made, zxid: end };
}

function startPast(db: CutDatabase): void {
  const store = new SqlStore(db);
  const tree = new DataTree(store.tables);
  store.log.append(encodeBatch(PAST));
  for (const logged of PAST) tree.apply(logged);
  store.checkpoint(PAST_TXNS);
}

function install(store: SqlStore): void {
  store.installSnapshot(zxid);
  store.setHardState(HARD_STATE);
}

/** Receives from where it stands. @returns whether it came to the end. */
function receive(db: CutDatabase, isAlone = false): boolean {
  try {
    const store = new SqlStore(db);
    const staged = slices.findIndex(({ cursor }) => cursor === store.stagedCursor());
    for (const slice of slices.slice(staged + 1)) {
      db.turn(() => store.transaction(() => store.stageSnapshot(slice)));
    }
    if (isAlone) store.installSnapshot(zxid);
    else db.turn(() => store.transaction(() => install(store)));
    return true;
  } catch (error) {
    if (error instanceof PowerCut) return false;
    throw error;
  }
}

function checkCut(durability: Durability, at: number): void {
  const db = new CutDatabase(durability);
  startPast(db);
  db.cutAt(db.writes + at);
  const isDone = receive(db);
  db.restore();
  const store = new SqlStore(db);
  const tree = new DataTree(store.tables, store.checkpointZxid);
  recover(store, (logged) => tree.apply(logged));
  const isInstalled = tree.lastZxid === zxid;
  expect(contentOf(store)).toEqual(isInstalled ? AFTER : BEFORE);
  expect(store.hardState()).toEqual(isInstalled ? HARD_STATE : INITIAL_HARD_STATE);
  expect(isDone && !isInstalled).toBe(false);
  if (isInstalled) return;
  // What was staged is continued, or staged anew.
  receive(db);
  const installed = new SqlStore(db);
  expect(contentOf(installed)).toEqual(AFTER);
  expect(installed.hardState()).toEqual(HARD_STATE);
}

describe.each(["statement", "turn"] as const)("power cut, durable by %s", (durability) => {
  it(
    "[ST33] at every write of a snapshot leaves the old tree or the new one, whole",
    { timeout: 120_000 },
    () => {
      const db = new CutDatabase(durability);
      startPast(db);
      const before = db.writes;
      expect(receive(db)).toBe(true);
      const writes = db.writes - before;
      expect(slices.length).toBeGreaterThan(5);
      expect(writes).toBeGreaterThan(80);
      for (let write = 1; write <= writes; write++) {
        checkCut(durability, write);
        checkCut(durability, write + 0.5);
      }
    },
  );
});

it("[ST33] an installation is a transaction by itself", () => {
  const count = new CutDatabase("statement");
  startPast(count);
  const first = count.writes;
  receive(count, true);
  for (let write = first + 1; write <= count.writes; write++) {
    const db = new CutDatabase("statement");
    startPast(db);
    db.cutAt(write);
    expect(receive(db, true)).toBe(false);
    db.restore();
    const store = new SqlStore(db);
    expect(store.log.lastZxid).toBe(PAST_TXNS);
    expect(contentOf(store)).toEqual(BEFORE);
  }
});
