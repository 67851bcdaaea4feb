import { DataTree } from "../../src/core/data-tree.ts";
import { digestOf } from "../../src/core/tree-digest.ts";
import type { LoggedTxn } from "../../src/core/txn.ts";
import { encodeBatch } from "../../src/storage/log-batch.ts";
import { recover } from "../../src/storage/recover.ts";
import type { Store } from "../../src/storage/store.ts";
import { StoreHistory } from "../../src/storage/store-history.ts";
import type { SnapshotSlice } from "../../src/zab/history.ts";
import { walk } from "./walk.ts";
import { replay, Workload } from "./workload.ts";

/** A member that writes, checkpoints and restarts, as its seed has it. */
export class Member {
  readonly workload: Workload;
  readonly #open: () => Store;
  #store!: Store;
  #tree!: DataTree;

  constructor(open: () => Store, seed: number) {
    this.#open = open;
    this.workload = new Workload(seed);
    this.restart();
  }

  get store(): Store {
    return this.#store;
  }

  get history(): StoreHistory {
    return new StoreHistory(this.#store);
  }

  restart(): void {
    this.#store = this.#open();
    this.#tree = new DataTree(this.#store.tables, this.#store.checkpointZxid);
    recover(this.#store, (logged) => this.#tree.apply(logged));
  }

  /** Logs and applies some more txns, as one batch. */
  write(count: number): void {
    this.apply(this.workload.next(count));
  }

  apply(txns: readonly LoggedTxn[]): void {
    this.#store.log.append(encodeBatch(txns));
    for (const logged of txns) this.#tree.apply(logged);
  }

  checkpoint(): void {
    this.#store.checkpoint(this.#tree.lastZxid);
  }
}

/** More slices than any copy here needs: one that makes no progress is told from a slow one. */
const SLICES_MAX = 5_000;

/** Hands a slice over as a call between members does: nothing is shared. */
export function send(slice: SnapshotSlice): SnapshotSlice {
  return structuredClone(slice);
}

/** Copies a snapshot without anything in between. @returns the slices. */
export function slicesOf(store: Store, bytesMax: number, after = ""): SnapshotSlice[] {
  const history = new StoreHistory(store);
  const slices: SnapshotSlice[] = [];
  let cursor = after;
  while (slices.length < SLICES_MAX) {
    const slice = send(history.readSnapshot(cursor, bytesMax));
    slices.push(slice);
    if (slice.zxid !== undefined) return slices;
    ({ cursor } = slice);
  }
  throw new Error(`a copy did not end, cursor ${cursor}`);
}

/** Copies a snapshot while `between` does what it likes. @returns the zxid it ends at. */
export function copy(
  from: Member,
  bytesMax: number,
  stage: (slice: SnapshotSlice) => void,
  between: (round: number) => void = () => {},
): number {
  let cursor = "";
  for (let round = 0; round < SLICES_MAX; round++) {
    const slice = send(from.history.readSnapshot(cursor, bytesMax));
    stage(slice);
    if (slice.zxid !== undefined) return slice.zxid;
    ({ cursor } = slice);
    between(round);
  }
  throw new Error(`a copy did not end, cursor ${cursor}`);
}

/** Everything that a store holds of the tree, but for what only the log has. */
export function contentOf(store: Store): object {
  const { tables } = store;
  const outcomes = Array.from({ length: 40 }, (_, i) => tables.getOutcome(`key ${i}`));
  return { digest: digestOf(tables), walk: walk(tables), outcomes };
}

/** The same of a naive tree after the txns up to `zxid`. */
export function expectedAt(history: readonly LoggedTxn[], zxid: number): object {
  const tables = replay(history.filter(({ header }) => header.zxid <= zxid));
  const outcomes = Array.from({ length: 40 }, (_, i) => tables.getOutcome(`key ${i}`));
  return { digest: digestOf(tables), walk: walk(tables), outcomes };
}

/** Random numbers for the steps of a test, below `end`. */
export function dice(seed: number): (end: number) => number {
  let state = seed;
  return (end) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * end);
  };
}
