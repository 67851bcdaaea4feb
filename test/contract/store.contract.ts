import { describe, expect, it } from "vitest";
import { OPEN_ACL_UNSAFE } from "../../src/core/acl.ts";
import { DataTree } from "../../src/core/data-tree.ts";
import type { LoggedTxn } from "../../src/core/txn.ts";
import { encodeBatch } from "../../src/storage/log-batch.ts";
import type { LogWindow } from "../../src/storage/log-window.ts";
import { recover } from "../../src/storage/recover.ts";
import type { Store } from "../../src/storage/store.ts";
import { INITIAL_HARD_STATE } from "../../src/zab/hard-state.ts";
import { LOG_ROW_BYTES_MAX, type LogRow } from "../../src/zab/log-row.ts";
import { batch, errorAt } from "./batch.ts";
import { registerMemberContract } from "./member.contract.ts";
import { registerSnapshotContract } from "./snapshot.contract.ts";
import { walk } from "./walk.ts";
import { replay, Workload } from "./workload.ts";

/** Opens the same storage, each time as after a crash: what was only in memory is gone. */
export type OpenStore = (window?: LogWindow) => Store;

/** Runs a test on storage of its own. */
export type WithStore = (body: (open: OpenStore) => void) => void | Promise<void>;

/** What every {@link Store} does, as tests; nothing here needs more than the language. */
export function registerStoreContract(name: string, withStore: WithStore): void {
  describe(`log of ${name}`, () => {
    registerLogRules(withStore);
  });
  describe(`checkpoint of ${name}`, () => {
    registerCheckpointRules(withStore);
  });
  describe(`trim of ${name}`, () => {
    registerTrimRules(withStore);
  });
  describe(`values beside the tree of ${name}`, () => {
    registerValueRules(withStore);
  });
  registerMemberContract(name, withStore);
  registerSnapshotContract(name, withStore);
}

const MAX = Number.MAX_SAFE_INTEGER;

function bigTxn(zxid: number, bytes: number): LoggedTxn {
  const data = new Uint8Array(bytes).fill(zxid);
  const txn = {
    type: "create" as const,
    path: `/big${zxid}`,
    data: data.subarray(0, 1_000_000),
    acl: OPEN_ACL_UNSAFE,
    parentAcl: OPEN_ACL_UNSAFE,
    kind: 0 as const,
    ephemeralOwner: 0,
    ttlMs: 0,
    parentCreateCounter: zxid,
  };
  const parts = Math.ceil(bytes / 1_000_000);
  const txns = Array.from({ length: parts }, (_, i) => ({
    ...txn,
    path: `/big${zxid}-${i}`,
    parentCreateCounter: zxid * 10 + i,
  }));
  return { ...errorAt(zxid), txn: { type: "multi", txns } };
}

/** Recovers as a server does at its start. */
function start(store: Store): DataTree {
  const tree = new DataTree(store.tables, store.checkpointZxid);
  recover(store, (logged) => tree.apply(logged));
  return tree;
}

function keysOf(rows: readonly LogRow[]): number[][] {
  return rows.map(({ zxid, part, lastZxid }) => [zxid, part, lastZxid]);
}

function registerLogRules(withStore: WithStore): void {
  it("[ST5] an empty store stands at zxid 0 and has nothing to read", () =>
    withStore((open) => {
      const { log, checkpointZxid } = open();
      expect([log.lastZxid, log.trimmedZxid, checkpointZxid]).toEqual([0, 0, 0]);
      expect(log.read(0, MAX)).toEqual([]);
      expect(start(open()).lastZxid).toBe(0);
    }));

  it("[ST6] rows that were appended are read back as they were, also after a crash", () =>
    withStore((open) => {
      const store = open();
      const rows = [...batch(1, 3), ...batch(4, 4), ...batch(2 ** 32 + 1, 2 ** 32 + 2)];
      store.log.append(rows);
      for (const log of [store.log, open().log]) {
        expect(log.lastZxid).toBe(2 ** 32 + 2);
        expect(log.read(0, MAX)).toEqual(rows);
      }
    }));

  it("[ST6] reading starts behind a zxid, with the whole batch that holds the next", () =>
    withStore((open) => {
      const { log } = open();
      log.append([...batch(1, 3), ...batch(4, 6), ...batch(10, 12)]);
      const firstBehind = (zxid: number) => log.read(zxid, MAX)[0]?.zxid;
      expect([0, 2, 3, 5, 6, 9, 11].map(firstBehind)).toEqual([1, 1, 4, 4, 10, 10, 10]);
      expect([12, 13].map(firstBehind)).toEqual([undefined, undefined]);
    }));

  it("[ST6] a read is bounded by bytes but returns whole batches, at least one", () =>
    withStore((open) => {
      const { log } = open();
      log.append(encodeBatch([bigTxn(1, 4_000_000), errorAt(2), bigTxn(3, 2_000_000)]));
      expect(keysOf(log.read(0, 1))).toEqual([
        [1, 0, 1],
        [1, 1, 1],
        [1, 2, 1],
      ]);
      expect(keysOf(log.read(1, 1_000))).toEqual([[2, 0, 2]]);
      expect(keysOf(log.read(1, 3_000_000))).toEqual([
        [2, 0, 2],
        [3, 0, 3],
        [3, 1, 3],
      ]);
    }));

  it("[ST6] a read of many small batches goes on where the last one ended", () =>
    withStore((open) => {
      const { log } = open();
      for (let zxid = 1; zxid <= 5_000; zxid++) log.append(batch(zxid, zxid));
      let seen = 0;
      for (let rows = log.read(0, MAX); rows.length > 0; rows = log.read(seen, MAX)) {
        expect(rows.every((row, i) => row.zxid === seen + i + 1)).toBe(true);
        seen += rows.length;
      }
      expect(seen).toBe(5_000);
    }));

  it("[ST7] a batch that is not above the last zxid is refused", () =>
    withStore((open) => {
      const { log } = open();
      log.append(batch(1, 3));
      expect(() => log.append(batch(3, 4))).toThrow("above the last zxid");
      expect(() => log.append([...batch(4, 6), ...batch(6, 7)])).toThrow("above the last zxid");
      expect(log.lastZxid).toBe(3);
      expect(open().log.lastZxid).toBe(3);
    }));

  it("[ST8] a tail that was cut is gone, also after a crash, and the log goes on", () =>
    withStore((open) => {
      const store = open();
      store.log.append([...batch(1, 3), ...batch(4, 6), ...encodeBatch([bigTxn(7, 3_000_000)])]);
      store.log.truncateAfter(3);
      for (const log of [store.log, open().log]) expect(log.lastZxid).toBe(3);
      const { log } = open();
      log.append(batch(4, 4));
      expect(keysOf(log.read(0, MAX))).toEqual([
        [1, 0, 3],
        [4, 0, 4],
      ]);
      log.truncateAfter(0);
      expect([log.lastZxid, log.read(0, MAX).length]).toEqual([0, 0]);
    }));

  it("[ST8] a cut inside of a batch, or below what is in the tables, is refused", () =>
    withStore((open) => {
      const store = open();
      store.log.append([...batch(1, 3), ...batch(4, 6)]);
      expect(() => store.log.truncateAfter(2)).toThrow("end of a batch");
      expect(() => store.log.truncateAfter(9)).toThrow("end of a batch");
      store.checkpoint(3);
      expect(() => store.log.truncateAfter(0)).toThrow("cannot be taken back");
      store.log.truncateAfter(3);
      expect(store.log.lastZxid).toBe(3);
    }));

  it("[ST8] the discarded tail leaves no trace in the tables", () =>
    withStore((open) => {
      const store = open();
      const workload = new Workload(8);
      const kept = workload.next(60);
      store.log.append(encodeBatch(kept));
      const tree = start(store);
      store.log.append(encodeBatch(workload.next(40)));
      store.log.truncateAfter(tree.lastZxid);
      expect(walk(store.tables)).toEqual(walk(replay(kept)));
      store.checkpoint(tree.lastZxid);
      expect(walk(start(open()).tables)).toEqual(walk(replay(kept)));
    }));
}

function registerCheckpointRules(withStore: WithStore): void {
  it("[ST9] at every zxid the tables are the tree, before and after a crash", () =>
    withStore((open) => {
      const workload = new Workload(1);
      let store = open();
      let tree = start(store);
      for (let turn = 1; turn <= 60; turn++) {
        const txns = workload.next(1 + (turn % 25));
        store.log.append(encodeBatch(txns));
        for (const logged of txns) tree.apply(logged);
        expect(walk(store.tables)).toEqual(walk(workload.tables));
        if (turn % 3 === 0) store.checkpoint(tree.lastZxid);
        if (turn % 7 === 0) tree = start((store = open()));
        expect(walk(store.tables)).toEqual(walk(workload.tables));
      }
    }));

  it("[ST9] the tables on disk are the tree at the checkpoint, nothing later", () =>
    withStore((open) => {
      const workload = new Workload(2);
      const store = open();
      const tree = start(store);
      const before = workload.next(100);
      store.log.append(encodeBatch(before));
      for (const logged of before) tree.apply(logged);
      store.checkpoint(tree.lastZxid);
      const after = workload.next(100);
      store.log.append(encodeBatch(after));
      for (const logged of after) tree.apply(logged);
      const reopened = open();
      expect(reopened.checkpointZxid).toBe(100);
      expect(walk(reopened.tables)).toEqual(walk(replay(before)));
    }));

  it("[ST9] a checkpoint inside of a batch is continued by the rest of the batch", () =>
    withStore((open) => {
      const workload = new Workload(3);
      const txns = workload.next(50);
      const store = open();
      store.log.append(encodeBatch(txns));
      const tree = new DataTree(store.tables);
      recover(store, (logged) => tree.apply(logged), 20);
      expect(tree.lastZxid).toBe(20);
      store.checkpoint(20);
      expect(walk(start(open()).tables)).toEqual(walk(workload.tables));
    }));

  it("[ST10] a checkpoint ahead of the log or behind the last one is refused", () =>
    withStore((open) => {
      const store = open();
      store.log.append(batch(1, 5));
      expect(() => store.checkpoint(6)).toThrow("only what was logged");
      store.checkpoint(5);
      expect(() => store.checkpoint(4)).toThrow("does not go back");
    }));

  it("[ST10] what is dirty is counted until the checkpoint", () =>
    withStore((open) => {
      const store = open();
      const workload = new Workload(4);
      const tree = start(store);
      store.log.append(encodeBatch(workload.next(50)));
      for (const logged of workload.history) tree.apply(logged);
      expect(store.dirty.nodes).toBeGreaterThan(5);
      expect(store.dirty.bytes).toBeGreaterThan(400);
      store.checkpoint(50);
      expect(store.dirty).toEqual({ nodes: 0, bytes: 0, logBytes: 0 });
    }));

  it("[ST11] txns of every size up to the limit survive a crash", () =>
    withStore((open) => {
      const sizes = [10, 1_000_000, 1_400_000, LOG_ROW_BYTES_MAX, 3_000_000, 4_190_000];
      const txns = sizes.map((size, i) => bigTxn(i + 1, size));
      const store = open();
      start(store);
      store.log.append(encodeBatch(txns));
      const { tables } = start(open());
      const expected = walk(replay(txns));
      const sameNodes = walk(tables).nodes.every(([path, node], i) => {
        const [otherPath, other] = expected.nodes[i] ?? [];
        return path === otherPath && isSameData(node.data, other?.data ?? null);
      });
      expect([sameNodes, tables.countDescendants("/")]).toEqual([true, expected.descendants]);
    }));

  it("[ST12] recovery stops at what is committed and never applies the rest", () =>
    withStore((open) => {
      const workload = new Workload(5);
      const store = open();
      store.log.append(encodeBatch(workload.next(30)));
      store.log.append(encodeBatch(workload.next(30)));
      const tree = new DataTree(store.tables);
      expect(recover(store, (logged) => tree.apply(logged), 30)).toBe(30);
      expect(walk(store.tables)).toEqual(walk(replay(workload.history.slice(0, 30))));
      store.log.truncateAfter(30);
      expect(start(open()).lastZxid).toBe(30);
    }));

  it("[ST12] a log that cannot be read fails by zxid and reason, and changes nothing", () =>
    withStore((open) => {
      const store = open();
      store.log.append(batch(1, 3));
      const [row] = batch(4, 6);
      const damaged = { ...row, txns: new Uint8Array([1, 99, 0, 0]) } as LogRow;
      store.log.append([damaged]);
      expect(() => start(open())).toThrow(
        "recovery failed behind zxid 0x0: log batch at 0x4: bytes end early, at 4",
      );
      expect(keysOf(open().log.read(0, MAX))).toEqual([
        [1, 0, 3],
        [4, 0, 6],
      ]);
      expect(open().checkpointZxid).toBe(0);
    }));

  it("[ST12] a txn that apply refuses fails by the zxid before it and the reason", () =>
    withStore((open) => {
      const store = open();
      store.log.append(batch(1, 9));
      const refuse = ({ header }: LoggedTxn) => {
        if (header.zxid === 8) throw new Error("no such znode");
      };
      expect(() => recover(store, refuse)).toThrow(
        "recovery failed behind zxid 0x7: no such znode",
      );
    }));
}

function isSameData(a: Uint8Array | null, b: Uint8Array | null): boolean {
  if (a === null || b === null) return a === b;
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

function registerTrimRules(withStore: WithStore): void {
  const wide = { bytesMax: MAX, ageMsMax: MAX };

  it("[ST13] batches older than the window go once the checkpoint covers them", () =>
    withStore((open) => {
      const { log, ...store } = openAll(open, { ...wide, ageMsMax: 100 });
      log.append([...batch(1, 2, 1_000), ...batch(3, 4, 1_050), ...batch(5, 6, 1_200)]);
      log.trim(5_000);
      expect(log.trimmedZxid).toBe(0);
      store.checkpoint(4);
      log.trim(1_100);
      expect([log.trimmedZxid, log.read(0, MAX)[0]?.zxid]).toEqual([0, 1]);
      log.trim(1_101);
      expect([log.trimmedZxid, log.read(0, MAX)[0]?.zxid]).toEqual([2, 3]);
      log.trim(9_999);
      expect([log.trimmedZxid, log.read(0, MAX)[0]?.zxid]).toEqual([4, 5]);
      expect(open().log.trimmedZxid).toBe(4);
    }));

  it("[ST13] the oldest batches go while the log is larger than the window", () =>
    withStore((open) => {
      const store = open({ ...wide, bytesMax: 3_500_000 });
      start(store);
      for (let zxid = 1; zxid <= 4; zxid++)
        store.log.append(encodeBatch([bigTxn(zxid, 1_000_000)]));
      store.checkpoint(4);
      store.log.trim(0);
      expect(store.log.read(0, MAX).map((row) => row.zxid)).toEqual([2, 3, 4]);
      const reopened = open({ ...wide, bytesMax: 3_500_000 });
      reopened.log.append(encodeBatch([bigTxn(5, 1_000_000)]));
      reopened.log.append(encodeBatch([bigTxn(6, 1_000_000)]));
      reopened.log.trim(0);
      expect(reopened.log.read(0, MAX).map((row) => row.zxid)).toEqual([4, 5, 6]);
    }));

  it("[ST13] a tail that was cut does not count", () =>
    withStore((open) => {
      const store = open({ ...wide, bytesMax: 3_500_000 });
      start(store);
      for (let zxid = 1; zxid <= 3; zxid++) {
        store.log.append(encodeBatch([bigTxn(zxid, 1_000_000)]));
      }
      store.log.append(encodeBatch([bigTxn(4, 4_000_000)]));
      store.log.truncateAfter(3);
      store.checkpoint(3);
      store.log.trim(0);
      expect(store.log.read(0, MAX).map((row) => row.zxid)).toEqual([1, 2, 3]);
    }));

  it("[ST13] a batch of several rows goes as a whole", () =>
    withStore((open) => {
      const store = open({ ...wide, bytesMax: 5_000_000 });
      store.log.append(encodeBatch([bigTxn(1, 4_000_000), bigTxn(2, 4_000_000)]));
      store.checkpoint(2);
      store.log.trim(0);
      expect(keysOf(store.log.read(0, MAX))).toEqual([
        [2, 0, 2],
        [2, 1, 2],
        [2, 2, 2],
      ]);
    }));

  it("[ST13] an emptied log remembers its last zxid", () =>
    withStore((open) => {
      const store = open({ ...wide, ageMsMax: 0 });
      store.log.append(batch(1, 7, 10));
      store.checkpoint(7);
      store.log.trim(1_000);
      for (const { log } of [store, open()]) {
        expect([log.lastZxid, log.trimmedZxid, log.read(0, MAX).length]).toEqual([7, 7, 0]);
      }
      const reopened = open();
      expect(() => reopened.log.append(batch(7, 8))).toThrow("above the last zxid");
      expect(start(reopened).lastZxid).toBe(7);
    }));
}

function openAll(open: OpenStore, window: LogWindow) {
  const store = open(window);
  return { log: store.log, checkpoint: (zxid: number) => store.checkpoint(zxid) };
}

function registerValueRules(withStore: WithStore): void {
  it("[ST14] hard state, last-seen times and meta survive a crash at once", () =>
    withStore((open) => {
      const store = open();
      expect(store.hardState()).toEqual(INITIAL_HARD_STATE);
      const epochs = { acceptedEpoch: 3, currentEpoch: 2, committedZxid: 2 ** 34 + 7 };
      const hard = { ...INITIAL_HARD_STATE, ...epochs };
      store.setHardState(hard);
      store.saveSessionSeen(2 ** 48 - 1, { seenMs: 1_700_000_000_000, isBound: true });
      store.saveSessionSeen(7, { seenMs: 5, isBound: true });
      store.saveSessionSeen(7, { seenMs: 6, isBound: false });
      store.setMeta("alarm", new Uint8Array([1, 2]));
      store.setMeta("gone", new Uint8Array(0));
      store.setMeta("gone", undefined);
      store.confirm();
      for (const opened of [store, open()]) {
        expect(opened.hardState()).toEqual(hard);
        expect([...opened.sessionSeen()].sort(([a], [b]) => a - b)).toEqual([
          [7, { seenMs: 6, isBound: false }],
          [2 ** 48 - 1, { seenMs: 1_700_000_000_000, isBound: true }],
        ]);
        expect(opened.getMeta("alarm")).toEqual(new Uint8Array([1, 2]));
        expect(opened.getMeta("gone")).toBeUndefined();
      }
    }));

  it("[ST14] a value that was handed out or in does not change with its buffer", () =>
    withStore((open) => {
      const store = open();
      const value = new Uint8Array([1]);
      store.setMeta("a", value);
      value[0] = 9;
      store.getMeta("a")?.fill(8);
      expect(store.getMeta("a")).toEqual(new Uint8Array([1]));
    }));

  it("[ST15] outcomes are found by key until they are dropped, also after a crash", () =>
    withStore((open) => {
      const store = open();
      const outcome = (dueMs: number) => ({
        zxid: 1,
        dueMs,
        result: { type: "delete" as const, path: `/${dueMs}` },
      });
      store.log.append(batch(1, 1));
      store.tables.putOutcome("a", outcome(100));
      store.tables.putOutcome("b", outcome(200));
      store.tables.putOutcome("a", outcome(150));
      expect(store.tables.getOutcome("a")).toEqual(outcome(150));
      store.checkpoint(1);
      const reopened = open();
      expect(reopened.tables.getOutcome("a")).toEqual(outcome(150));
      reopened.tables.dropOutcomes(150);
      expect(reopened.tables.getOutcome("a")).toBeUndefined();
      expect(reopened.tables.getOutcome("b")).toEqual(outcome(200));
      reopened.log.append(batch(2, 2));
      reopened.checkpoint(2);
      expect(open().tables.getOutcome("a")).toBeUndefined();
      expect(open().tables.getOutcome("b")).toEqual(outcome(200));
    }));

  it("[ST15] an outcome larger than a row survives", () =>
    withStore((open) => {
      const store = open();
      const path = `/${"x".repeat(60_000)}`;
      const results = Array.from({ length: 60 }, () => ({ type: "delete" as const, path }));
      const outcome = { zxid: 1, dueMs: 9, result: { type: "multi" as const, results } };
      store.log.append(batch(1, 1));
      store.tables.putOutcome("key", outcome);
      store.checkpoint(1);
      expect(open().tables.getOutcome("key")).toEqual(outcome);
    }));
}
