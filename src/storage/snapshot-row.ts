import type { DataNode } from "../core/data-node.ts";
import type { Tables } from "../core/node-table.ts";
import { childPath, nameOf, parentOf } from "../core/path.ts";
import type { Session } from "../core/session.ts";
import type { TxnOutcome } from "../core/txn.ts";
import type { Zxid } from "../core/zxid.ts";
import { AclDecoder, AclEncoder } from "./acl-codec.ts";
import { ByteReader, MalformedBytesError } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import { decodeOutcome, encodeOutcome } from "./outcome-codec.ts";
import { readDueMs, readNode, writeStat } from "./stat-codec.ts";
import type { SnapshotRow } from "./store.ts";

/**
 * Rows of a checkpoint in transit. Their keys sort as the tables do on disk:
 *
 *     node:<parent>\0<name>     the root has neither
 *     outcome:<key>
 *     session:<id, 14 hex digits>
 *
 * Values start with a version byte and need no other row: ACLs are spelled out.
 */
const FORMAT_VERSION = 1;

/** What the key of each table's rows starts with. */
export const SNAPSHOT_PREFIX = { node: "node:", outcome: "outcome:", session: "session:" } as const;

/** A znode with its path and the date at which it may be reaped. */
export interface NodeEntry {
  readonly path: string;
  readonly node: DataNode;
  readonly dueMs: number | undefined;
}

export function encodeNodeRow({ path, node, dueMs }: NodeEntry, zxid: Zxid): SnapshotRow {
  const writer = new ByteWriter();
  writer.byte(FORMAT_VERSION);
  writer.bytes(node.data);
  new AclEncoder().encode(writer, node.acl);
  writeStat(writer, node, dueMs);
  const place = path === "/" ? "\0" : `${parentOf(path)}\0${nameOf(path)}`;
  return { key: `${SNAPSHOT_PREFIX.node}${place}`, zxid, value: writer.take() };
}

export function encodeOutcomeRow(key: string, outcome: TxnOutcome, zxid: Zxid): SnapshotRow {
  return { key: `${SNAPSHOT_PREFIX.outcome}${key}`, zxid, value: encodeOutcome(outcome) };
}

export function encodeSessionRow(session: Session, zxid: Zxid): SnapshotRow {
  const writer = new ByteWriter();
  writer.byte(FORMAT_VERSION);
  writer.unsigned(session.id);
  writer.bytes(session.password);
  writer.unsigned(session.timeoutMs);
  writer.unsigned(session.member);
  const key = `${SNAPSHOT_PREFIX.session}${session.id.toString(16).padStart(14, "0")}`;
  return { key, zxid, value: writer.take() };
}

/**
 * Puts a row of another member's snapshot into place.
 *
 * @throws MalformedBytesError if it is none of a version that this code knows.
 */
export function putSnapshotRow(tables: Tables, { key, value }: SnapshotRow): void {
  if (key.startsWith(SNAPSHOT_PREFIX.outcome)) {
    tables.putOutcome(key.slice(SNAPSHOT_PREFIX.outcome.length), decodeOutcome(value));
    return;
  }
  const reader = new ByteReader(value);
  const version = reader.byte();
  if (version !== FORMAT_VERSION) {
    throw new MalformedBytesError(`expected snapshot format ${FORMAT_VERSION}, saw ${version}`);
  }
  if (key.startsWith(SNAPSHOT_PREFIX.session)) tables.putSession(readSession(reader));
  else if (key.startsWith(SNAPSHOT_PREFIX.node)) putNodeRow(tables, key, reader);
  else throw new MalformedBytesError(`unknown snapshot row ${key}`);
}

function readSession(reader: ByteReader): Session {
  return {
    id: reader.unsigned(),
    password: reader.presentBytes(),
    timeoutMs: reader.unsigned(),
    member: reader.unsigned(),
  };
}

function putNodeRow(tables: Tables, key: string, reader: ByteReader): void {
  const [parent = "", name = ""] = key.slice(SNAPSHOT_PREFIX.node.length).split("\0");
  const path = parent === "" ? "/" : childPath(parent, name);
  const data = reader.bytes();
  const acl = new AclDecoder().decode(reader);
  tables.put(path, readNode(reader, data, acl));
  tables.scheduleReap(path, readDueMs(reader));
}
