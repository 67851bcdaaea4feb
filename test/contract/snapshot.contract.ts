import { describe, expect, it } from "vitest";
import { OPEN_ACL_UNSAFE } from "../../src/core/acl.ts";
import { DataTree } from "../../src/core/data-tree.ts";
import { encodeBatch } from "../../src/storage/log-batch.ts";
import { MemoryDisk, MemoryStore } from "../../src/storage/memory-store.ts";
import { MemoryTables } from "../../src/storage/memory-tables.ts";
import { recover } from "../../src/storage/recover.ts";
import { decodeSnapshotRow } from "../../src/storage/snapshot-row.ts";
import type { Store } from "../../src/storage/store.ts";
import { StoreHistory } from "../../src/storage/store-history.ts";
import { INITIAL_HARD_STATE } from "../../src/zab/hard-state.ts";
import type { SnapshotSlice } from "../../src/zab/history.ts";
import { contentOf, copy, dice, expectedAt, Member, send, slicesOf } from "./copying.ts";
import type { OpenStore, WithStore } from "./store.contract.ts";
import { walk } from "./walk.ts";

const MAX = Number.MAX_SAFE_INTEGER;
const SEEDS = [1, 2, 3, 4, 5, 6];

/** What every store does with snapshots, as tests: it sends them, and it takes them in. */
export function registerSnapshotContract(name: string, withStore: WithStore): void {
  describe(`rows of ${name}`, () => {
    registerRowRules(withStore);
  });
  describe(`snapshot sent by ${name}`, () => {
    registerSenderRules(withStore);
  });
  describe(`snapshot received by ${name}`, () => {
    registerReceiverRules(withStore);
  });
}

function openMemory(): () => MemoryStore {
  const disk = new MemoryDisk();
  return () => new MemoryStore(undefined, disk);
}

function registerRowRules(withStore: WithStore): void {
  it("[ST16] rows in key order, read in any portions, make the same tree elsewhere", () =>
    withStore((open) => {
      const sender = new Member(open, 6);
      sender.write(300);
      sender.checkpoint();
      for (const bytesMax of [1, 2_000, MAX]) {
        const made = new MemoryTables();
        let key = "";
        let rows = sender.store.readRowsAfter(key, bytesMax);
        for (; rows.length > 0; rows = sender.store.readRowsAfter(key, bytesMax)) {
          for (const row of rows) {
            expect(row.key > key).toBe(true);
            expect(sender.store.readRow(row.key)).toEqual(row);
            made.change({ key: row.key, content: decodeSnapshotRow(row) });
            ({ key } = row);
          }
        }
        expect(walk(made)).toEqual(walk(sender.workload.tables));
        for (let i = 0; i < 40; i++) {
          const name = `key ${i}`;
          expect(made.getOutcome(name)).toEqual(sender.workload.tables.getOutcome(name));
        }
      }
    }));

  it("[ST16] what is not checkpointed is in no row", () =>
    withStore((open) => {
      const sender = new Member(open, 7);
      sender.write(50);
      expect(sender.store.readRowsAfter("", MAX)).toEqual([]);
      expect(sender.store.readRow("node:\0")).toBeUndefined();
    }));

  it("[ST16] a row that is not there is none, whatever table it would be in", () =>
    withStore((open) => {
      const sender = new Member(open, 7);
      sender.write(50);
      sender.checkpoint();
      for (const key of ["node:/\0nobody", "outcome:nobody", "session:00000000000001"]) {
        expect(sender.store.readRow(key)).toBeUndefined();
      }
    }));
}

function registerSenderRules(withStore: WithStore): void {
  it("[ST28] a snapshot of an empty store is empty and stands at zxid 0", () =>
    withStore((open) => {
      const slices = slicesOf(open(), MAX);
      expect(slices.map(({ zxid }) => zxid)).toEqual([0]);
      const receiver = openMemory()();
      slices.forEach((slice) => receiver.stageSnapshot(slice));
      receiver.installSnapshot(0);
      expect(receiver.tables.get("/")).toBeUndefined();
    }));

  it.each(SEEDS)("[ST28] slices between writes and checkpoints end exactly, seed %i", (seed) =>
    withStore((open) => {
      const roll = dice(seed);
      const sender = new Member(open, seed);
      if (seed % 2 === 0) sender.apply(sender.workload.quotas());
      sender.write(150);
      sender.checkpoint();
      const receiver = openMemory()();
      const bytesMax = 500 + roll(4_000);
      const zxid = copy(
        sender,
        bytesMax,
        (slice) => receiver.stageSnapshot(slice),
        (round) => {
          if (round > 40) return;
          sender.write(1 + roll(12));
          if (roll(3) > 0) sender.checkpoint();
          if (roll(6) === 0) sender.restart();
        },
      );
      expect(zxid).toBe(sender.store.checkpointZxid);
      receiver.installSnapshot(zxid);
      expect(contentOf(receiver)).toEqual(expectedAt(sender.workload.history, zxid));
    }),
  );

  it("[ST29] another member with the same history goes on with the copy", () =>
    withStore((open) => {
      const sender = new Member(open, 9);
      const other = new Member(openMemory(), 9);
      for (const member of [sender, other]) {
        member.write(200);
        member.checkpoint();
      }
      const first = send(sender.history.readSnapshot("", 2_000));
      for (const member of [sender, other]) {
        member.write(30);
        member.checkpoint();
      }
      const receiver = openMemory()();
      receiver.stageSnapshot(first);
      slicesOf(other.store, 2_000, first.cursor).forEach((slice) => receiver.stageSnapshot(slice));
      receiver.installSnapshot(230);
      expect(contentOf(receiver)).toEqual(expectedAt(sender.workload.history, 230));
    }));

  it("[ST29] a member whose checkpoint is older than what was read begins anew", () =>
    withStore((open) => {
      const sender = new Member(open, 9);
      const ahead = new Member(openMemory(), 9);
      sender.write(100);
      sender.checkpoint();
      ahead.write(100);
      ahead.write(100);
      ahead.checkpoint();
      const receiver = openMemory()();
      const first = send(ahead.history.readSnapshot("", 2_000));
      receiver.stageSnapshot(first);
      const slices = slicesOf(sender.store, 2_000, first.cursor);
      slices.forEach((slice) => receiver.stageSnapshot(slice));
      receiver.installSnapshot(100);
      expect(contentOf(receiver)).toEqual(expectedAt(sender.workload.history, 100));
    }));

  it("[ST29] a copy begins anew if the log it needs is trimmed", () =>
    withStore((open) => {
      const window = { bytesMax: MAX, ageMsMax: 0 };
      const sender = new Member(() => open(window), 10);
      sender.write(150);
      sender.checkpoint();
      const receiver = openMemory()();
      const zxid = copy(
        sender,
        1_000,
        (slice) => receiver.stageSnapshot(slice),
        (round) => {
          if (round !== 1 && round !== 5) return;
          sender.write(20);
          sender.checkpoint();
          sender.store.log.trim(MAX);
        },
      );
      expect(zxid).toBe(190);
      receiver.installSnapshot(zxid);
      expect(contentOf(receiver)).toEqual(expectedAt(sender.workload.history, zxid));
    }));

  it("[ST29] what is no cursor begins anew", () =>
    withStore((open) => {
      const sender = new Member(open, 11);
      sender.write(20);
      sender.checkpoint();
      const history = new StoreHistory(sender.store);
      const first = history.readSnapshot("", 100);
      for (const cursor of ["nonsense", "copy 1", "changes 1 2", "changes 99 0 99", "copy 1 99 "]) {
        expect(history.readSnapshot(cursor, 100)).toEqual(first);
      }
    }));

  it("[ST30] a slice is no larger than asked for, unless one row is", () =>
    withStore((open) => {
      const sender = new Member(open, 12);
      const names = Array.from({ length: 60 }, (_, i) => `/big${i}`);
      sender.apply(names.map((path, i) => createTxn(i + 1, path, i % 10 === 0 ? 30_000 : 700)));
      sender.checkpoint();
      const first = sender.history.readSnapshot("", 10_000);
      const [part] = first.rows as readonly { readonly type: string }[];
      expect(part?.type).toBe("copy");
      // Touches every row again, in one txn.
      const header = { sessionId: 0, cxid: 0, zxid: 61, timeMs: 61 };
      const sets = names.map((path) => ({
        type: "setData" as const,
        path,
        data: new Uint8Array(700),
        version: 1,
        acl: OPEN_ACL_UNSAFE,
      }));
      sender.apply([{ header, txn: { type: "multi", txns: sets } }]);
      sender.checkpoint();
      const slices = [first, ...slicesOf(sender.store, 10_000, first.cursor)];
      expect(slices.length).toBeGreaterThan(8);
      expect(slices.at(-1)?.zxid).toBe(61);
      for (const slice of slices) {
        const sizes = rowSizesOf(slice);
        const sum = sizes.reduce((total, size) => total + size, 0);
        expect(sizes.length === 1 || sum <= 10_000).toBe(true);
      }
    }));
}

function rowSizesOf({ rows }: SnapshotSlice): number[] {
  const parts = rows as readonly {
    readonly rows: readonly { readonly value: Uint8Array | undefined }[];
  }[];
  return parts.flatMap((part) => part.rows.map(({ value }) => value?.length ?? 0));
}

function createTxn(zxid: number, path: string, bytes: number) {
  const header = { sessionId: 0, cxid: 0, zxid, timeMs: zxid };
  return {
    header,
    txn: {
      type: "create" as const,
      path,
      data: new Uint8Array(bytes),
      acl: OPEN_ACL_UNSAFE,
      parentAcl: OPEN_ACL_UNSAFE,
      kind: 0 as const,
      ephemeralOwner: 0,
      ttlMs: 0,
      parentCreateCounter: zxid,
    },
  };
}

/** A store with a past of its own: a tree, seen sessions, dirty nodes, an uncommitted tail. */
function startWithPast(open: OpenStore): Store {
  const past = new Member(open, 77);
  past.write(120);
  past.checkpoint();
  past.write(40);
  past.store.saveSessionSeen(5, { seenMs: 1, isBound: true });
  past.store.setMeta("kept", new Uint8Array([1]));
  past.store.log.append(encodeBatch(past.workload.next(5)));
  return past.store;
}

function registerReceiverRules(withStore: WithStore): void {
  it.each(SEEDS)("[ST28] what is installed is exactly the sender's tree, seed %i", (seed) =>
    withStore((open) => {
      const roll = dice(100 + seed);
      const sender = new Member(openMemory(), seed);
      if (seed % 2 === 0) sender.apply(sender.workload.quotas());
      sender.write(150);
      sender.checkpoint();
      let store = startWithPast(open);
      const zxid = copy(
        sender,
        500 + roll(4_000),
        (slice) => store.stageSnapshot(slice),
        (round) => {
          if (roll(4) === 0) store = open();
          if (round > 40) return;
          sender.write(1 + roll(12));
          if (roll(3) > 0) sender.checkpoint();
        },
      );
      const hardState = { ...INITIAL_HARD_STATE, acceptedEpoch: 4, committedZxid: zxid };
      store.transaction(() => {
        store.installSnapshot(zxid);
        store.setHardState(hardState);
      });
      const expected = expectedAt(sender.workload.history, zxid);
      for (const installed of [store, open()]) {
        expect(contentOf(installed)).toEqual(expected);
        expect(installed.hardState()).toEqual(hardState);
        expect(installed.dirty).toEqual({ nodes: 0, bytes: 0, logBytes: 0 });
      }
    }),
  );

  it("[ST31] an installed store stands at the snapshot's zxid, with an empty log", () =>
    withStore((open) => {
      const sender = new Member(openMemory(), 20);
      sender.write(30);
      sender.checkpoint();
      const store = startWithPast(open);
      const session = [...sender.store.tables.sessions()][0]?.id ?? 0;
      store.saveSessionSeen(session, { seenMs: 2, isBound: false });
      slicesOf(sender.store, MAX).forEach((slice) => store.stageSnapshot(slice));
      store.installSnapshot(30);
      for (const installed of [store, open()]) {
        const { log, checkpointZxid } = installed;
        expect([log.lastZxid, log.trimmedZxid, checkpointZxid]).toEqual([30, 30, 30]);
        expect(log.read(0, MAX)).toEqual([]);
        expect(installed.stagedCursor()).toBeUndefined();
        expect(installed.getMeta("kept")).toEqual(new Uint8Array([1]));
        expect([...installed.sessionSeen().keys()]).toEqual([session]);
      }
    }));

  it("[ST31] the log and the tables go on behind an installed snapshot", () =>
    withStore((open) => {
      const sender = new Member(openMemory(), 21);
      sender.write(200);
      sender.checkpoint();
      const store = startWithPast(open);
      slicesOf(sender.store, 3_000).forEach((slice) => store.stageSnapshot(slice));
      store.installSnapshot(200);
      const tree = new DataTree(store.tables, store.checkpointZxid);
      for (let turn = 0; turn < 12; turn++) {
        const txns = sender.workload.next(15);
        store.log.append(encodeBatch(txns));
        for (const logged of txns) tree.apply(logged);
        if (turn % 3 === 0) store.checkpoint(tree.lastZxid);
        expect(walk(store.tables)).toEqual(walk(sender.workload.tables));
      }
      const reopened = open();
      const recovered = new DataTree(reopened.tables, reopened.checkpointZxid);
      recover(reopened, (logged) => recovered.apply(logged));
      expect(contentOf(reopened)).toEqual(expectedAt(sender.workload.history, MAX));
    }));

  it("[ST31] a second snapshot replaces the first", () =>
    withStore((open) => {
      const store = open();
      for (const seed of [30, 31]) {
        const sender = new Member(openMemory(), seed);
        sender.write(90);
        sender.checkpoint();
        slicesOf(sender.store, 1_000).forEach((slice) => store.stageSnapshot(slice));
        store.installSnapshot(90);
        expect(contentOf(open())).toEqual(expectedAt(sender.workload.history, 90));
      }
    }));

  it("[ST32] a staged slice changes nothing that is served, and outlives a restart", () =>
    withStore((open) => {
      const sender = new Member(openMemory(), 22);
      sender.write(100);
      sender.checkpoint();
      const store = startWithPast(open);
      const before = [contentOf(store), store.log.lastZxid, store.hardState()];
      expect(store.stagedCursor()).toBeUndefined();
      const slices = slicesOf(sender.store, 2_000);
      for (const slice of slices) {
        store.stageSnapshot(slice);
        expect(open().stagedCursor()).toBe(slice.cursor);
        expect(new StoreHistory(open()).stagedCursor).toBe(slice.cursor);
      }
      expect([contentOf(store), store.log.lastZxid, store.hardState()]).toEqual(before);
      store.checkpoint(160);
      open().installSnapshot(100);
      expect(contentOf(open())).toEqual(expectedAt(sender.workload.history, 100));
    }));

  it("[ST32] a slice that was staged already, or skips one, is ignored", () =>
    withStore((open) => {
      const sender = new Member(openMemory(), 23);
      sender.write(200);
      sender.checkpoint();
      const store = open();
      const slices = slicesOf(sender.store, 2_000);
      expect(slices.length).toBeGreaterThan(4);
      for (const [i, slice] of slices.entries()) {
        const next = slices[i + 2];
        if (next !== undefined) store.stageSnapshot(next);
        store.stageSnapshot(slice);
        if (i > 0) store.stageSnapshot(slice);
        expect(store.stagedCursor()).toBe(slice.cursor);
      }
      store.installSnapshot(200);
      expect(contentOf(store)).toEqual(expectedAt(sender.workload.history, 200));
    }));

  it("[ST32] a first slice begins anew, and what is staged can be dropped", () =>
    withStore((open) => {
      const store = open();
      const abandoned = new Member(openMemory(), 24);
      abandoned.write(100);
      abandoned.checkpoint();
      store.stageSnapshot(send(abandoned.history.readSnapshot("", 2_000)));
      const sender = new Member(openMemory(), 25);
      sender.write(50);
      sender.checkpoint();
      slicesOf(sender.store, 2_000).forEach((slice) => store.stageSnapshot(slice));
      store.installSnapshot(50);
      expect(contentOf(store)).toEqual(expectedAt(sender.workload.history, 50));
      store.stageSnapshot(send(abandoned.history.readSnapshot("", 2_000)));
      store.dropStagedSnapshot();
      store.dropStagedSnapshot();
      expect(open().stagedCursor()).toBeUndefined();
    }));

  it("[ST32] a snapshot that is not whole, or not at that zxid, is not installed", () =>
    withStore((open) => {
      const sender = new Member(openMemory(), 26);
      sender.write(100);
      sender.checkpoint();
      const store = open();
      expect(() => store.installSnapshot(100)).toThrow("staged snapshot");
      const slices = slicesOf(sender.store, 2_000);
      for (const slice of slices) {
        expect(() => store.installSnapshot(100)).toThrow("staged snapshot");
        store.stageSnapshot(slice);
      }
      expect(() => store.installSnapshot(99)).toThrow("staged snapshot at 0x63, saw");
      expect(store.tables.get("/")).toBeUndefined();
    }));

  it("[ST32] a slice of a later version is refused, and nothing changes", () =>
    withStore((open) => {
      const store = open();
      const part = { version: 2, after: "", type: "copy", rows: [] };
      const slice = { cursor: "copy 1 1 ", rows: [part], zxid: undefined };
      expect(() => store.stageSnapshot(slice)).toThrow("expected snapshot part 1, saw 2");
      const row = { key: "node:\0", value: new Uint8Array([9]) };
      const damaged = { ...slice, rows: [{ ...part, version: 1, rows: [row] }] };
      expect(() => store.stageSnapshot(damaged)).toThrow("expected snapshot format 1, saw 9");
      expect(store.stagedCursor()).toBeUndefined();
    }));
}
