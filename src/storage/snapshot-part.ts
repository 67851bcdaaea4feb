import type { SnapshotSlice } from "../zab/history.ts";
import { MalformedBytesError } from "./byte-reader.ts";
import { decodeSnapshotRow, type RowContent } from "./snapshot-row.ts";

/** What {@link SnapshotPart.version} says; a later one is refused, not guessed at. */
export const PART_VERSION = 1;

/** A row as it is now, or the news that it is gone. */
export interface ChangedRow {
  readonly key: string;
  readonly value: Uint8Array | undefined;
}

/** What a slice of a snapshot carries: the one element of its `rows`. Structured-cloneable. */
export interface SnapshotPart {
  readonly version: typeof PART_VERSION;
  /** The cursor that it continues; "" begins anew, whatever was received so far. */
  readonly after: string;
  /**
   * `copy`: rows that were in no part before, in key order. `changes`: rows that may have been,
   * each once, in any order.
   */
  readonly type: "copy" | "changes";
  readonly rows: readonly ChangedRow[];
}

/** What a changed row means for the receiver. */
export interface Change {
  readonly key: string;
  /** undefined: gone. */
  readonly content: RowContent | undefined;
}

/**
 * Unpacks a slice of another member.
 *
 * @throws MalformedBytesError if the slice is not made like this, or a row not by this version.
 */
export function partOf({ rows }: SnapshotSlice): SnapshotPart {
  const [part] = rows as readonly (SnapshotPart | undefined)[];
  if (part?.version !== PART_VERSION) {
    throw new MalformedBytesError(
      `expected snapshot part ${PART_VERSION}, saw ${String(part?.version)}: deploy newer code`,
    );
  }
  return part;
}

/** Reads the rows of a part. @throws MalformedBytesError */
export function changesOf({ rows }: SnapshotPart): Change[] {
  return rows.map(({ key, value }) => ({
    key,
    content: value === undefined ? undefined : decodeSnapshotRow({ key, value }),
  }));
}
