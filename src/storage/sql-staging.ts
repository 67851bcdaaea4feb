import { assert } from "../core/assert.ts";
import { formatZxid, type Zxid } from "../core/zxid.ts";
import type { SnapshotSlice } from "../zab/history.ts";
import { ByteReader } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import type { DirtyNode } from "./dirty-nodes.ts";
import { hasSchema, TABLE_NAMES, TREE_TABLE_NAMES } from "./schema.ts";
import { type Change, changesOf, partOf, type SnapshotPart } from "./snapshot-part.ts";
import { parseKey } from "./snapshot-row.ts";
import type { SqlDatabase } from "./sql-database.ts";
import { SqlMeta } from "./sql-meta.ts";
import type { SqlState } from "./sql-state.ts";
import { StagedNames, stagedName } from "./staged-names.ts";
import { TreeRows } from "./tree-rows.ts";

/** Named values beside the staged rows. */
const CURSOR_KEY = "cursor";
const COMPLETE_KEY = "complete";

const DROP_STAGED = TABLE_NAMES.map((table) => `DROP TABLE ${stagedName(table)}`);
/** The log is replaced by an empty one: what follows the snapshot follows its zxid. */
const REPLACED_NAMES = ["log", ...TREE_TABLE_NAMES];
const REPLACE = REPLACED_NAMES.flatMap((table) => [
  `DROP TABLE ${table}`,
  `ALTER TABLE ${stagedName(table)} RENAME TO ${table}`,
]);
const DROP_REST = TABLE_NAMES.filter((table) => !REPLACED_NAMES.includes(table)).map(
  (table) => `DROP TABLE ${stagedName(table)}`,
);
const FORGET_SEEN = "DELETE FROM seen WHERE session NOT IN (SELECT id FROM session)";

/**
 * A snapshot on its way in: a second tree in tables of their own, of which nothing is served, until
 * it takes the place of the first one. That costs as much as dropping that one, whatever the size.
 */
export class SqlStaging {
  readonly #db: SqlDatabase;
  readonly #staged: SqlDatabase;

  constructor(db: SqlDatabase) {
    this.#db = db;
    this.#staged = new StagedNames(db);
  }

  /** The cursor of the last slice; undefined if nothing is staged. */
  cursor(): string | undefined {
    if (!hasSchema(this.#staged)) return undefined;
    const bytes = this.#meta(new TreeRows(this.#staged)).get(CURSOR_KEY);
    assert(bytes !== undefined, "what is staged has a cursor");
    return new ByteReader(bytes).string();
  }

  /** Stages a slice that begins anew or continues the last one; ignores any other. */
  stage(slice: SnapshotSlice): void {
    const part = partOf(slice);
    const changes = changesOf(part);
    if (part.after !== "" && part.after !== this.cursor()) return;
    this.#db.transaction(() => {
      if (part.after === "") this.drop();
      this.#write(slice, part, changes);
    });
  }

  /** Forgets what is staged, if anything. */
  drop(): void {
    if (!hasSchema(this.#staged)) return;
    this.#db.transaction(() => {
      for (const sql of DROP_STAGED) this.#db.run(sql);
    });
  }

  /** Puts the staged tables in the place of those that `state` tells about. */
  install(state: SqlState, zxid: Zxid): void {
    assert(hasSchema(this.#staged), "expected a staged snapshot, saw none");
    const staged = new TreeRows(this.#staged);
    const isComplete = this.#meta(staged).get(COMPLETE_KEY) !== undefined;
    const { checkpointZxid } = staged.state.checkpoint;
    assert(
      isComplete && checkpointZxid === zxid,
      `expected a staged snapshot at ${formatZxid(zxid)}, saw one at ${formatZxid(checkpointZxid)}`,
    );
    const checkpoint = { checkpointZxid: zxid, logBytes: 0, outcomesDroppedMs: 0 };
    this.#db.transaction(() => {
      state.writeCheckpoint(checkpoint, () => {
        for (const sql of [...REPLACE, ...DROP_REST, FORGET_SEEN]) this.#db.run(sql);
      });
      state.writeTrimmed(zxid, 0, () => {});
    });
  }

  #write(slice: SnapshotSlice, { type }: SnapshotPart, changes: readonly Change[]): void {
    const rows = new TreeRows(this.#staged);
    const zxid = slice.zxid ?? 0;
    const nodes = nodesOf(rows, changes, type === "copy");
    const checkpoint = { checkpointZxid: zxid, logBytes: 0, outcomesDroppedMs: 0 };
    rows.writeCheckpoint(checkpoint, () => {
      rows.nodes.write(nodes, zxid);
      rows.sessions.write(zxid);
      rows.outcomes.write(zxid);
    });
    const meta = this.#meta(rows);
    const cursor = new ByteWriter();
    cursor.string(slice.cursor);
    meta.set(CURSOR_KEY, cursor.take());
    if (slice.zxid !== undefined) meta.set(COMPLETE_KEY, new Uint8Array(1));
  }

  #meta(rows: TreeRows): SqlMeta {
    return new SqlMeta(this.#staged, rows.state);
  }
}

/** Hands sessions and outcomes to their tables. @returns the znodes, with what to take back. */
function nodesOf(
  rows: TreeRows,
  changes: readonly Change[],
  isNew: boolean,
): [path: string, dirty: DirtyNode][] {
  const nodes: [string, DirtyNode][] = [];
  for (const { key, content } of changes) {
    if (content?.type === "session") rows.sessions.put(content.session);
    else if (content?.type === "outcome") rows.outcomes.put(content.key, content.outcome);
    else {
      const place = parseKey(key);
      if (place.type === "session") rows.sessions.delete(place.id);
      // An outcome goes when it is due, by each member's own clock.
      if (place.type !== "node") continue;
      const stored = isNew ? undefined : storedFacts(rows, place.path);
      const { node, dueMs } = content?.entry ?? { node: undefined, dueMs: undefined };
      if (node !== undefined || stored !== undefined) {
        nodes.push([place.path, { node, dueMs, stored }]);
      }
    }
  }
  return nodes;
}

function storedFacts(rows: TreeRows, path: string): DirtyNode["stored"] {
  const { entry } = rows.state.exists ? rows.nodes.find(path) : {};
  if (entry === undefined) return undefined;
  const { node, dueMs } = entry;
  return { ephemeralOwner: node.ephemeralOwner, dueMs, acl: node.acl };
}
