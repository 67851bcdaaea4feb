import { assert } from "../core/assert.ts";
import { formatZxid, type Zxid } from "../core/zxid.ts";
import { bytesOf } from "./batch.ts";
import type { History, SnapshotSlice } from "./history.ts";
import type { LogRow } from "./log-row.ts";
import type { PersistStep } from "./ready.ts";

/**
 * A member's log as it will be once everything asked for is durable.
 *
 *     history            #taken            #appended
 *     ───────┬──────────┬─────────────────┬──────────────┐
 *            trimmed    #stableZxid       (the Ready      lastZxid
 *                                          under way)
 *
 * Invariant: rows of `history` behind `#stableZxid` are cut, or also in `#taken`: never read.
 *
 * Source: etcd raft `raftLog`, `unstable`.
 */
export class ReplicaLog {
  readonly #history: History;
  #stableZxid: Zxid;
  /** A snapshot that replaces everything before it. */
  #installedZxid: Zxid = 0;
  #taken: LogRow[] = [];
  #appended: LogRow[] = [];
  #lastZxid: Zxid;
  /** Read when it is asked for: a member that only follows has no use for it. */
  #stagedCursor: string | undefined;
  #steps: PersistStep[] = [];

  constructor(history: History) {
    this.#history = history;
    this.#stableZxid = history.lastZxid;
    this.#lastZxid = history.lastZxid;
  }

  get lastZxid(): Zxid {
    return this.#lastZxid;
  }

  get trimmedZxid(): Zxid {
    return Math.max(this.#history.trimmedZxid, this.#installedZxid);
  }

  get hasSteps(): boolean {
    return this.#steps.length > 0;
  }

  /** Rows of whole batches that follow on {@link lastZxid}. */
  append(rows: readonly LogRow[]): void {
    const [first] = rows;
    const last = rows.at(-1);
    if (first === undefined || last === undefined) return;
    assert(
      first.zxid > this.#lastZxid,
      `expected rows behind ${formatZxid(this.#lastZxid)}, saw ${formatZxid(first.zxid)}`,
    );
    this.#appended.push(...rows);
    this.#lastZxid = last.lastZxid;
    this.#steps.push({ type: "append", rows });
  }

  /** Cuts everything behind `zxid`, the end of a batch. */
  truncate(zxid: Zxid): void {
    assert(
      this.batchEndAtOrBefore(zxid) === zxid,
      `expected the end of a batch to cut at, saw ${formatZxid(zxid)}`,
    );
    const isKept = (row: LogRow): boolean => row.lastZxid <= zxid;
    this.#taken = this.#taken.filter(isKept);
    this.#appended = this.#appended.filter(isKept);
    this.#stableZxid = Math.min(this.#stableZxid, zxid);
    this.#lastZxid = zxid;
    this.#steps.push({ type: "truncate", after: zxid });
  }

  /** Where the snapshot stands that is being received; "" if none is. Outlives this instance. */
  get stagedCursor(): string {
    this.#stagedCursor ??= this.#history.stagedCursor;
    return this.#stagedCursor;
  }

  stage(slice: SnapshotSlice): void {
    this.#stagedCursor = slice.cursor;
    this.#steps.push({ type: "stageSnapshot", slice });
  }

  /** Forgets what is staged, if anything. */
  dropStaged(): void {
    if (this.stagedCursor === "") return;
    this.#stagedCursor = "";
    this.#steps.push({ type: "dropStagedSnapshot" });
  }

  /** Replaces everything by what was staged. */
  install(zxid: Zxid): void {
    this.#taken = [];
    this.#appended = [];
    this.#stableZxid = zxid;
    this.#installedZxid = zxid;
    this.#lastZxid = zxid;
    this.#stagedCursor = "";
    this.#steps.push({ type: "installSnapshot", zxid });
  }

  /** Whole batches behind `after`, not before the trimmed part (asserted), about `bytesMax`, at least one if there is any. */
  read(after: Zxid, bytesMax: number): readonly LogRow[] {
    assert(
      after >= this.trimmedZxid,
      `expected to read behind ${formatZxid(this.trimmedZxid)}, saw ${formatZxid(after)}`,
    );
    const isWanted = (row: LogRow): boolean =>
      row.lastZxid > after && row.lastZxid <= this.#stableZxid;
    const stable =
      after < this.#stableZxid ? this.#history.read(after, bytesMax).filter(isWanted) : [];
    if (after < this.#stableZxid && stable.at(-1)?.lastZxid !== this.#stableZxid) return stable;
    const rows = [...stable];
    let bytes = bytesOf(rows);
    for (const row of [...this.#taken, ...this.#appended]) {
      const isNewBatch = row.lastZxid !== rows.at(-1)?.lastZxid;
      if (rows.length > 0 && isNewBatch && bytes + row.txns.byteLength > bytesMax) break;
      if (row.lastZxid <= after) continue;
      rows.push(row);
      bytes += row.txns.byteLength;
    }
    return rows;
  }

  /** See {@link History.batchEndAtOrBefore}. */
  batchEndAtOrBefore(zxid: Zxid): Zxid | undefined {
    if (zxid < this.trimmedZxid) return undefined;
    const row = [...this.#taken, ...this.#appended].findLast(({ lastZxid }) => lastZxid <= zxid);
    if (row !== undefined) return row.lastZxid;
    // The stable part may still hold what the snapshot under way replaces.
    if (this.#stableZxid === this.#installedZxid) return this.#installedZxid;
    return this.#history.batchEndAtOrBefore(Math.min(zxid, this.#stableZxid));
  }

  readSnapshot(cursor: string, bytesMax: number): SnapshotSlice {
    return this.#history.readSnapshot(cursor, bytesMax);
  }

  takeSteps(): PersistStep[] {
    const steps = this.#steps;
    this.#steps = [];
    this.#taken.push(...this.#appended);
    this.#appended = [];
    return steps;
  }

  /** What {@link takeSteps} gave out last is durable. */
  persisted(): void {
    this.#stableZxid = Math.max(this.#stableZxid, this.#taken.at(-1)?.lastZxid ?? 0);
    this.#taken = [];
  }
}
