import type { Zxid } from "../core/zxid.ts";

/**
 * Where a copy of a snapshot stands. Everything that the sender needs to go on is in it, so that
 * the sender may restart, or be another member with the same committed history.
 */
export type SnapshotCursor =
  | {
      readonly type: "copy";
      /** The sender's checkpoint when the copy began: what changed behind it is sent afterwards. */
      readonly startZxid: Zxid;
      /** The newest checkpoint that a row was read at: the copy can't end before it. */
      readonly seenZxid: Zxid;
      /** Rows up to this key are copied. */
      readonly key: string;
    }
  | {
      readonly type: "changes";
      /** What txns up to this zxid changed is sent. */
      readonly zxid: Zxid;
      /** And so many rows of the next txn that changed any. */
      readonly count: number;
      readonly seenZxid: Zxid;
    };

const COPY = /^copy (\d{1,16}) (\d{1,16}) ([^]*)$/;
const CHANGES = /^changes (\d{1,16}) (\d{1,16}) (\d{1,16})$/;

export function formatCursor(cursor: SnapshotCursor): string {
  return cursor.type === "copy"
    ? `copy ${cursor.startZxid} ${cursor.seenZxid} ${cursor.key}`
    : `changes ${cursor.zxid} ${cursor.count} ${cursor.seenZxid}`;
}

/** Returns undefined for what is no cursor, as the empty one before the first slice. */
export function parseCursor(text: string): SnapshotCursor | undefined {
  const copy = COPY.exec(text);
  if (copy !== null) {
    const [, start, seen, key = ""] = copy;
    return { type: "copy", startZxid: Number(start), seenZxid: Number(seen), key };
  }
  const changes = CHANGES.exec(text);
  if (changes === null) return undefined;
  const [, zxid, count, seen] = changes;
  return { type: "changes", zxid: Number(zxid), count: Number(count), seenZxid: Number(seen) };
}
