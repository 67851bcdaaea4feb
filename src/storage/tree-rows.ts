import { AclTable } from "./acl-table.ts";
import { NodeRows } from "./node-rows.ts";
import { encodeNodeRow, encodeSessionRow, outcomeKey, parseKey } from "./snapshot-row.ts";
import { readSnapshotRows } from "./snapshot-reader.ts";
import type { SqlDatabase } from "./sql-database.ts";
import { SqlOutcomes } from "./sql-outcomes.ts";
import { SqlSessions } from "./sql-sessions.ts";
import { type CheckpointState, SqlState } from "./sql-state.ts";
import type { SnapshotRow } from "./store.ts";

/**
 * The rows of a tree, table by table, and the state row that says at which zxid they stand. There
 * are two of them in a database while a snapshot is received: the one that is served, and the
 * staged one.
 */
export class TreeRows {
  readonly state: SqlState;
  readonly nodes: NodeRows;
  readonly sessions: SqlSessions;
  readonly outcomes: SqlOutcomes;
  readonly #acls: AclTable;

  constructor(db: SqlDatabase) {
    this.state = new SqlState(db);
    this.#acls = new AclTable(db, this.state);
    this.nodes = new NodeRows(db, this.#acls);
    this.sessions = new SqlSessions(db, this.state);
    this.outcomes = new SqlOutcomes(db, this.state);
  }

  /** Runs `body`, which writes rows, and records what they stand at, as one transaction. */
  writeCheckpoint(checkpoint: CheckpointState, body: () => void): void {
    this.state.writeCheckpoint(checkpoint, () => {
      this.#acls.startCount();
      body();
      this.#acls.flush();
    });
  }

  /** Rows behind a key, in key order. */
  readAfter(key: string, bytesMax: number): SnapshotRow[] {
    return this.state.exists ? readSnapshotRows(this, key, bytesMax) : [];
  }

  /** The row with this key. */
  read(key: string): SnapshotRow | undefined {
    if (!this.state.exists) return undefined;
    const place = parseKey(key);
    switch (place.type) {
      case "node": {
        const { entry } = this.nodes.find(place.path);
        return entry && encodeNodeRow(entry);
      }
      case "outcome": {
        const value = this.outcomes.storedAt(place.key);
        return value && { key: outcomeKey(place.key), value };
      }
      case "session": {
        const session = this.sessions.storedAt(place.id);
        return session && encodeSessionRow(session);
      }
    }
  }
}
