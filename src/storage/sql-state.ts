import { assert } from "../core/assert.ts";
import type { Zxid } from "../core/zxid.ts";
import { createSchema, hasSchema, SCHEMA_VERSION } from "./schema.ts";
import type { SqlDatabase } from "./sql-database.ts";
import { getNumber } from "./sql-row.ts";
import type { HardState } from "../zab/hard-state.ts";

/** The part of the hard state that the row holds: numbers, which change with every commit. */
export type EpochState = Pick<HardState, "acceptedEpoch" | "currentEpoch" | "committedZxid">;

/** What a checkpoint records beside its rows. */
export interface CheckpointState {
  readonly checkpointZxid: Zxid;
  /** Bytes of the log rows that the checkpoint covers. */
  readonly logBytes: number;
  /** Outcomes due at or before this are gone, whether their rows are there or not. */
  readonly outcomesDroppedMs: number;
}

const SELECT = "SELECT * FROM state";
const UPDATE_CHECKPOINT =
  "UPDATE state SET checkpoint_zxid = ?, log_bytes = ?, outcomes_dropped_ms = ?";
const UPDATE_TRIMMED = "UPDATE state SET trimmed_zxid = ?, log_bytes = ?";
const UPDATE_EPOCHS = "UPDATE state SET accepted_epoch = ?, current_epoch = ?, committed_zxid = ?";
const UPDATE_CONFIRMS = "UPDATE state SET confirms = confirms + 1";

/**
 * The one row of `state`, and whether there is a schema at all.
 *
 * The schema comes with the first {@link write}; before that nobody may read a table. What is
 * remembered here changes only when the transaction has succeeded.
 */
export class SqlState {
  readonly #db: SqlDatabase;
  #exists: boolean;
  #checkpoint: CheckpointState = { checkpointZxid: 0, logBytes: 0, outcomesDroppedMs: 0 };
  #epochs: EpochState = { acceptedEpoch: 0, currentEpoch: 0, committedZxid: 0 };
  #trimmedZxid: Zxid = 0;

  constructor(db: SqlDatabase) {
    this.#db = db;
    this.#exists = hasSchema(db);
    if (this.#exists) this.#load();
  }

  /** Whether there are tables. */
  get exists(): boolean {
    return this.#exists;
  }

  get checkpoint(): CheckpointState {
    return this.#checkpoint;
  }

  get epochs(): EpochState {
    return this.#epochs;
  }

  get trimmedZxid(): Zxid {
    return this.#trimmedZxid;
  }

  /** Runs `body` as one transaction, behind the schema if it is not there yet. */
  write(body: () => void): void {
    this.#db.transaction(() => {
      if (!this.#exists) createSchema(this.#db);
      body();
    });
    this.#exists = true;
  }

  /** Runs `body` and records the checkpoint, as one transaction. */
  writeCheckpoint(checkpoint: CheckpointState, body: () => void): void {
    this.write(() => {
      body();
      const { checkpointZxid, logBytes, outcomesDroppedMs } = checkpoint;
      this.#db.run(UPDATE_CHECKPOINT, checkpointZxid, logBytes, outcomesDroppedMs);
    });
    this.#checkpoint = checkpoint;
  }

  /** Runs `body` and records how far the log was trimmed, as one transaction. */
  writeTrimmed(trimmedZxid: Zxid, logBytes: number, body: () => void): void {
    this.write(() => {
      body();
      this.#db.run(UPDATE_TRIMMED, trimmedZxid, logBytes);
    });
    this.#trimmedZxid = trimmedZxid;
    this.#checkpoint = { ...this.#checkpoint, logBytes };
  }

  writeEpochs({ acceptedEpoch, currentEpoch, committedZxid }: EpochState): void {
    this.write(() => this.#db.run(UPDATE_EPOCHS, acceptedEpoch, currentEpoch, committedZxid));
    this.#epochs = { acceptedEpoch, currentEpoch, committedZxid };
  }

  /** Changes a number that nobody reads. */
  writeConfirm(): void {
    this.write(() => this.#db.run(UPDATE_CONFIRMS));
  }

  #load(): void {
    const [row] = this.#db.all(SELECT);
    assert(row !== undefined, "a store that exists has its state row");
    const version = getNumber(row, "version");
    if (version !== SCHEMA_VERSION) {
      const advice =
        version > SCHEMA_VERSION
          ? "deploy newer code"
          : "it was never released, start with an empty one";
      throw new Error(`expected storage version ${SCHEMA_VERSION}, saw ${version}: ${advice}`);
    }
    this.#checkpoint = {
      checkpointZxid: getNumber(row, "checkpoint_zxid"),
      logBytes: getNumber(row, "log_bytes"),
      outcomesDroppedMs: getNumber(row, "outcomes_dropped_ms"),
    };
    this.#epochs = {
      acceptedEpoch: getNumber(row, "accepted_epoch"),
      currentEpoch: getNumber(row, "current_epoch"),
      committedZxid: getNumber(row, "committed_zxid"),
    };
    this.#trimmedZxid = getNumber(row, "trimmed_zxid");
  }
}
