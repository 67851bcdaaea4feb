import type { Configuration } from "../../../src/zab/configuration.ts";
import { type HardState, INITIAL_HARD_STATE } from "../../../src/zab/hard-state.ts";
import type { History, SnapshotSlice } from "../../../src/zab/history.ts";
import type { LogRow } from "../../../src/zab/log-row.ts";
import type { PersistStep } from "../../../src/zab/ready.ts";

/** Encodes what a test writes: a name, or a configuration. */
export function rowOf(zxid: number, content: string | Configuration, lastZxid = zxid): LogRow {
  const txns = new TextEncoder().encode(JSON.stringify(content));
  return { zxid, part: 0, lastZxid, timeMs: 0, txns };
}

/** The configuration that rows hold, if they do. */
export function configurationIn(rows: readonly LogRow[]): Configuration | undefined {
  const [row] = rows;
  if (row === undefined) return undefined;
  const content: unknown = JSON.parse(new TextDecoder().decode(row.txns));
  return typeof content === "object" ? (content as Configuration) : undefined;
}

/** What a slice of a snapshot carries. */
interface Part {
  /** How many rows were in the slices before; 0 begins anew. */
  readonly from: number;
  readonly rows: readonly LogRow[];
}

/** What a member has on its disk: log, tables (the rows that they came from), hard state. */
export class Disk implements History {
  rows: LogRow[] = [];
  /** Rows that were trimmed, or came by a snapshot. */
  tables: LogRow[] = [];
  /** What came of a snapshot; undefined if nothing did. */
  staged: { readonly cursor: string; readonly rows: readonly LogRow[] } | undefined;
  hardState: HardState = INITIAL_HARD_STATE;

  get lastZxid(): number {
    return this.rows.at(-1)?.lastZxid ?? this.trimmedZxid;
  }

  get trimmedZxid(): number {
    return this.tables.at(-1)?.lastZxid ?? 0;
  }

  /** Every row ever, in order. */
  get all(): readonly LogRow[] {
    return [...this.tables, ...this.rows];
  }

  read(after: number, bytesMax: number): LogRow[] {
    const rows: LogRow[] = [];
    let bytes = 0;
    for (const row of this.rows) {
      if (row.zxid <= after) continue;
      if (rows.length > 0 && bytes + row.txns.byteLength > bytesMax) break;
      rows.push(row);
      bytes += row.txns.byteLength;
    }
    return rows;
  }

  batchEndAtOrBefore(zxid: number): number | undefined {
    if (zxid < this.trimmedZxid) return undefined;
    return this.rows.findLast((row) => row.lastZxid <= zxid)?.lastZxid ?? this.trimmedZxid;
  }

  /** Slices of two rows; begins anew if the tables don't reach to the cursor. */
  readSnapshot(cursor: string, _bytesMax: number): SnapshotSlice {
    const isResumed = Number(cursor) <= this.tables.length;
    const from = isResumed ? Number(cursor) : 0;
    const part: Part = { from, rows: this.tables.slice(from, from + 2) };
    const isLast = from + 2 >= this.tables.length;
    return { cursor: String(from + 2), rows: [part], zxid: isLast ? this.trimmedZxid : undefined };
  }

  get stagedCursor(): string {
    return this.staged?.cursor ?? "";
  }

  /** Puts everything up to `zxid` into the tables. */
  trim(zxid: number): void {
    this.tables = [...this.tables, ...this.rows.filter((row) => row.lastZxid <= zxid)];
    this.rows = this.rows.filter((row) => row.lastZxid > zxid);
  }

  carryOut(step: PersistStep): void {
    switch (step.type) {
      case "append":
        this.rows.push(...step.rows);
        break;
      case "truncate":
        if (step.after < this.trimmedZxid) throw new Error("cut below the tables");
        this.rows = this.rows.filter((row) => row.lastZxid <= step.after);
        break;
      case "stageSnapshot":
        this.#stage(step.slice);
        break;
      case "dropStagedSnapshot":
        this.staged = undefined;
        break;
      case "installSnapshot":
        if (this.staged?.rows.at(-1)?.lastZxid !== step.zxid) throw new Error("half a snapshot");
        this.tables = [...this.staged.rows];
        this.rows = [];
        this.staged = undefined;
        break;
      case "hardState":
        this.hardState = step.hardState;
        break;
    }
  }

  #stage({ cursor, rows: [part] }: SnapshotSlice): void {
    const { from, rows } = part as Part;
    const before = from === 0 ? [] : (this.staged?.rows ?? []);
    if (before.length !== from) throw new Error("a slice that does not follow on the last one");
    this.staged = { cursor, rows: [...before, ...rows] };
  }
}
