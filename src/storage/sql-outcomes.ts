import type { TxnOutcome } from "../core/txn.ts";
import type { Zxid } from "../core/zxid.ts";
import { decodeOutcome, encodeOutcome } from "./outcome-codec.ts";
import type { SqlDatabase } from "./sql-database.ts";
import { getBlob, getText } from "./sql-row.ts";
import type { SqlState } from "./sql-state.ts";
import { LOG_ROW_BYTES_MAX } from "../zab/log-row.ts";

/** How much later than due the rows of dropped outcomes go, at most. */
const SWEEP_MS = 60_000;
/** What an outcome weighs in memory. */
const OUTCOME_BYTES = 400;

const SELECT = "SELECT encoding FROM outcome WHERE key = ? AND due_ms > ? ORDER BY part";
const SELECT_BEHIND =
  "SELECT key FROM outcome WHERE key > ? AND part = 0 AND due_ms > ? ORDER BY key LIMIT ?";
const INSERT = "INSERT INTO outcome (key, part, due_ms, zxid, encoding) VALUES (?, ?, ?, ?, ?)";
const DELETE = "DELETE FROM outcome WHERE key = ?";
const DELETE_DUE = "DELETE FROM outcome WHERE due_ms <= ?";

/**
 * Outcomes by idempotency key, over their rows as of the last checkpoint.
 *
 * Rows of dropped ones stay for up to a minute, invisible: they go in one scan then, which costs
 * far less than an index on the date would with every write.
 */
export class SqlOutcomes {
  readonly #db: SqlDatabase;
  readonly #state: SqlState;
  readonly #dirty = new Map<string, TxnOutcome>();
  #droppedMs: number;
  #sweptMs = 0;
  #isSweeping = false;

  constructor(db: SqlDatabase, state: SqlState) {
    this.#db = db;
    this.#state = state;
    this.#droppedMs = state.checkpoint.outcomesDroppedMs;
  }

  get dirtyCount(): number {
    return this.#dirty.size;
  }

  get dirtyBytes(): number {
    return this.#dirty.size * OUTCOME_BYTES;
  }

  /** Outcomes due until then are gone. */
  get droppedMs(): number {
    return this.#droppedMs;
  }

  get(key: string): TxnOutcome | undefined {
    const outcome = this.#dirty.get(key) ?? this.#findStored(key);
    return outcome === undefined || outcome.dueMs <= this.#droppedMs ? undefined : outcome;
  }

  put(key: string, outcome: TxnOutcome): void {
    this.#dirty.set(key, outcome);
  }

  drop(nowMs: number): void {
    this.#droppedMs = Math.max(this.#droppedMs, nowMs);
  }

  /** Keys of the rows behind a key, but for those that were dropped at the last checkpoint. */
  keysBehind(key: string, limit: number): string[] {
    const { outcomesDroppedMs } = this.#state.checkpoint;
    const rows = this.#db.all(SELECT_BEHIND, key, outcomesDroppedMs, limit);
    return rows.map((row) => getText(row, "key"));
  }

  /** The bytes of an outcome as the last checkpoint left it. */
  storedAt(key: string): Uint8Array | undefined {
    if (!this.#state.exists) return undefined;
    const { outcomesDroppedMs } = this.#state.checkpoint;
    const rows = this.#db.all(SELECT, key, outcomesDroppedMs);
    const parts = rows.map((row) => getBlob(row, "encoding"));
    return parts.length > 1 ? concat(parts) : parts[0];
  }

  /** Writes what is dirty; inside of the checkpoint's transaction. */
  write(zxid: Zxid): void {
    for (const [key, outcome] of this.#dirty) {
      this.#db.run(DELETE, key);
      if (outcome.dueMs > this.#droppedMs) this.#insert(key, outcome, zxid);
    }
    this.#isSweeping = this.#droppedMs >= this.#sweptMs + SWEEP_MS;
    if (this.#isSweeping) this.#db.run(DELETE_DUE, this.#droppedMs);
  }

  /** The checkpoint succeeded. */
  settle(): void {
    this.#dirty.clear();
    if (this.#isSweeping) this.#sweptMs = this.#droppedMs;
  }

  #insert(key: string, outcome: TxnOutcome, zxid: Zxid): void {
    const bytes = encodeOutcome(outcome);
    for (let at = 0, part = 0; at < bytes.length; at += LOG_ROW_BYTES_MAX, part++) {
      const slice = bytes.subarray(at, at + LOG_ROW_BYTES_MAX);
      this.#db.run(INSERT, key, part, outcome.dueMs, zxid, slice);
    }
  }

  #findStored(key: string): TxnOutcome | undefined {
    const encoding = this.storedAt(key);
    return encoding && decodeOutcome(encoding);
  }
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
