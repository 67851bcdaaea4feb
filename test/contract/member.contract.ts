import { describe, expect, it } from "vitest";
import { DataTree } from "../../src/core/data-tree.ts";
import { encodeBatch } from "../../src/storage/log-batch.ts";
import { claimStore, ownerOf } from "../../src/storage/member-identity.ts";
import { recover } from "../../src/storage/recover.ts";
import { StoreHistory } from "../../src/storage/store-history.ts";
import { type HardState, INITIAL_HARD_STATE } from "../../src/zab/hard-state.ts";
import { batch } from "./batch.ts";
import type { WithStore } from "./store.contract.ts";
import { walk } from "./walk.ts";
import { replay, Workload } from "./workload.ts";

const MAX = Number.MAX_SAFE_INTEGER;

const HARD_STATE: HardState = {
  acceptedEpoch: 7,
  currentEpoch: 6,
  committedZxid: 6 * 2 ** 32 + 9,
  state: "FOLLOWING",
  leader: 3,
  configuration: {
    version: 5 * 2 ** 32 + 1,
    members: [
      { sid: 1, type: "participant" },
      { sid: 3, type: "participant", region: "weur" },
      { sid: 255, type: "observer", region: "apac" },
    ],
  },
};

/** What every store keeps for a member of an ensemble, as tests. */
export function registerMemberContract(name: string, withStore: WithStore): void {
  describe(`hard state in ${name}`, () => {
    registerHardStateRules(withStore);
  });
  describe(`transaction of ${name}`, () => {
    registerTransactionRules(withStore);
  });
  describe(`history over ${name}`, () => {
    registerHistoryRules(withStore);
  });
  describe(`owner of ${name}`, () => {
    registerOwnerRules(withStore);
  });
}

function registerHardStateRules(withStore: WithStore): void {
  it("[ST25] all of it comes back as it was set, also after a crash", () =>
    withStore((open) => {
      const store = open();
      expect(store.hardState()).toEqual(INITIAL_HARD_STATE);
      const states: HardState[] = [
        HARD_STATE,
        { ...HARD_STATE, committedZxid: HARD_STATE.committedZxid + 5 },
        { ...HARD_STATE, state: "LEADING", leader: 1 },
        { ...HARD_STATE, state: "OBSERVING", configuration: undefined },
        { ...HARD_STATE, state: "LOOKING", leader: 0 },
        INITIAL_HARD_STATE,
      ];
      for (const state of states) {
        store.setHardState(state);
        for (const opened of [store, open()]) expect(opened.hardState()).toEqual(state);
      }
    }));

  it("[ST25] a store that was never a member's has the state of a new one", () =>
    withStore((open) => {
      const store = open();
      store.log.append(batch(1, 3));
      store.checkpoint(3);
      expect(open().hardState()).toEqual(INITIAL_HARD_STATE);
    }));

  it("[ST25] a later format is refused with what was expected and seen", () =>
    withStore((open) => {
      const store = open();
      store.setHardState(HARD_STATE);
      const bytes = store.getMeta("role");
      expect(bytes?.[0]).toBe(1);
      bytes?.set([2]);
      store.setMeta("role", bytes);
      expect(() => open().hardState()).toThrow(
        "expected hard state format 1, saw 2: deploy newer code",
      );
    }));
}

function registerTransactionRules(withStore: WithStore): void {
  it("[ST26] what one transaction writes is there as a whole", () =>
    withStore((open) => {
      const store = open();
      store.log.append([...batch(1, 3), ...batch(4, 6)]);
      store.transaction(() => {
        store.log.truncateAfter(3);
        store.log.append(batch(10, 12));
        store.setHardState(HARD_STATE);
      });
      for (const opened of [store, open()]) {
        expect(opened.log.read(0, MAX).map(({ zxid }) => zxid)).toEqual([1, 10]);
        expect(opened.hardState()).toEqual(HARD_STATE);
      }
    }));

  it("[ST26] a transaction that fails leaves nothing behind", () =>
    withStore((open) => {
      const past = open();
      past.log.append([...batch(1, 3), ...batch(4, 6)]);
      const store = open();
      const fail = () =>
        store.transaction(() => {
          store.log.truncateAfter(3);
          store.log.append(batch(10, 12));
          store.setHardState(HARD_STATE);
          store.setMeta("key", new Uint8Array(1));
          throw new Error("no power");
        });
      expect(fail).toThrow("no power");
      const reopened = open();
      expect(reopened.log.read(0, MAX).map(({ zxid }) => zxid)).toEqual([1, 4]);
      expect(reopened.hardState()).toEqual(INITIAL_HARD_STATE);
      expect(reopened.getMeta("key")).toBeUndefined();
    }));

  it("[ST26] the first transaction of an empty store may fail, and the next one write", () =>
    withStore((open) => {
      const store = open();
      const fail = () =>
        store.transaction(() => {
          store.log.append(batch(1, 3));
          throw new Error("no power");
        });
      expect(fail).toThrow("no power");
      const reopened = open();
      expect(reopened.log.lastZxid).toBe(0);
      reopened.transaction(() => reopened.log.append(batch(1, 2)));
      expect(open().log.lastZxid).toBe(2);
    }));
}

function registerHistoryRules(withStore: WithStore): void {
  it("[ST27] the end of the batch at or before a zxid is found, down to the trimmed part", () =>
    withStore((open) => {
      const window = { bytesMax: MAX, ageMsMax: 10 };
      const store = open(window);
      const history = new StoreHistory(store);
      expect([0, 5].map((zxid) => history.batchEndAtOrBefore(zxid))).toEqual([0, 0]);
      const epoch = 2 ** 32;
      store.log.append([...batch(1, 3), ...batch(4, 4), ...batch(7, 9)]);
      store.log.append(batch(epoch + 1, epoch + 2));
      const endsAt = (zxid: number) => history.batchEndAtOrBefore(zxid);
      expect([0, 1, 2, 3, 4, 6, 7, 8, 9].map(endsAt)).toEqual([0, 0, 0, 3, 4, 4, 4, 4, 9]);
      expect([epoch, epoch + 1, epoch + 2, 2 * epoch].map(endsAt)).toEqual([
        9,
        9,
        epoch + 2,
        epoch + 2,
      ]);
      store.checkpoint(4);
      store.log.trim(100);
      expect(history.trimmedZxid).toBe(4);
      expect([0, 3, 4, 6, 8, 9].map(endsAt)).toEqual([undefined, undefined, 4, 4, 4, 9]);
      expect(history.lastZxid).toBe(epoch + 2);
      expect(history.read(4, 1)).toEqual(batch(7, 9));
    }));

  it("[ST34] an uncommitted tail is in the log and not in the tables", () =>
    withStore((open) => {
      const workload = new Workload(34);
      const store = open();
      const committed = workload.next(40);
      store.log.append(encodeBatch(committed));
      const tail = encodeBatch(workload.next(20));
      store.log.append(tail);
      for (const checkpointZxid of [0, 40]) {
        const opened = open();
        const tree = new DataTree(opened.tables, opened.checkpointZxid);
        expect(recover(opened, (logged) => tree.apply(logged), 40)).toBe(40);
        expect(walk(opened.tables)).toEqual(walk(replay(committed)));
        expect(opened.log.lastZxid).toBe(60);
        expect(opened.log.read(40, MAX)).toEqual(tail);
        expect(opened.checkpointZxid).toBe(checkpointZxid);
        opened.checkpoint(40);
      }
      // Known to be committed may lag behind the checkpoint.
      const opened = open();
      expect(recover(opened, () => expect.unreachable("nothing to apply"), 10)).toBe(40);
      opened.log.truncateAfter(40);
      expect(open().log.lastZxid).toBe(40);
    }));
}

function registerOwnerRules(withStore: WithStore): void {
  it("[ST35] a new store becomes the member's that claims it first, once and for all", () =>
    withStore((open) => {
      const identity = { ensemble: "prod:/", sid: 2 };
      expect(ownerOf(open())).toBeUndefined();
      claimStore(open(), identity);
      claimStore(open(), identity);
      expect(ownerOf(open())).toEqual(identity);
      expect(() => claimStore(open(), { ...identity, sid: 3 })).toThrow(
        "expected the storage of member 3 of ensemble prod:/, saw the one of member 2 of ensemble prod:/",
      );
      expect(() => claimStore(open(), { ...identity, ensemble: "test:/" })).toThrow(
        "expected the storage of member 2 of ensemble test:/, saw the one of member 2 of ensemble prod:/",
      );
      expect(ownerOf(open())).toEqual(identity);
    }));

  it("[ST35] a shard that stands alone keeps its store", () =>
    withStore((open) => {
      open().log.append(batch(1, 1));
      expect(() => claimStore(open(), { ensemble: "prod:/", sid: 2 })).toThrow(
        "saw one of a shard that stands alone",
      );
      expect(ownerOf(open())).toBeUndefined();
    }));

  it("[ST35] an owner in a later format is refused", () =>
    withStore((open) => {
      open().setMeta("member", new Uint8Array([2, 0]));
      expect(() => claimStore(open(), { ensemble: "prod:/", sid: 2 })).toThrow(
        "expected member format 1, saw 2: deploy newer code",
      );
    }));
}
