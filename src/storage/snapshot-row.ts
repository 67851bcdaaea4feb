import type { DataNode, SessionId } from "../core/data-node.ts";
import { childPath, nameOf, parentOf } from "../core/path.ts";
import type { Session } from "../core/session.ts";
import type { TxnOutcome } from "../core/txn.ts";
import { AclDecoder, AclEncoder } from "./acl-codec.ts";
import { ByteReader, MalformedBytesError } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import { decodeOutcome, encodeOutcome } from "./outcome-codec.ts";
import { readDueMs, readNode, writeStat } from "./stat-codec.ts";
import type { SnapshotRow } from "./store.ts";

/**
 * Rows of the tables in transit. Their keys sort as the tables do on disk, a znode before all that
 * is below it:
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

/** What a key names. */
export type RowPlace =
  | { readonly type: "node"; readonly path: string }
  | { readonly type: "outcome"; readonly key: string }
  | { readonly type: "session"; readonly id: SessionId };

/** A znode with its path and the date at which it may be reaped. */
export interface NodeEntry {
  readonly path: string;
  readonly node: DataNode;
  readonly dueMs: number | undefined;
}

/** What a row holds. */
export type RowContent =
  | { readonly type: "node"; readonly entry: NodeEntry }
  | { readonly type: "outcome"; readonly key: string; readonly outcome: TxnOutcome }
  | { readonly type: "session"; readonly session: Session };

export function nodeKey(path: string): string {
  const place = path === "/" ? "\0" : `${parentOf(path)}\0${nameOf(path)}`;
  return `${SNAPSHOT_PREFIX.node}${place}`;
}

export function outcomeKey(key: string): string {
  return `${SNAPSHOT_PREFIX.outcome}${key}`;
}

export function sessionKey(id: SessionId): string {
  return `${SNAPSHOT_PREFIX.session}${id.toString(16).padStart(14, "0")}`;
}

/** @throws MalformedBytesError if no table has such keys. */
export function parseKey(key: string): RowPlace {
  const { node, outcome, session } = SNAPSHOT_PREFIX;
  if (key.startsWith(node)) {
    const [parent = "", name = ""] = key.slice(node.length).split("\0");
    return { type: "node", path: parent === "" ? "/" : childPath(parent, name) };
  }
  if (key.startsWith(outcome)) return { type: "outcome", key: key.slice(outcome.length) };
  if (key.startsWith(session)) {
    return { type: "session", id: Number.parseInt(key.slice(session.length), 16) };
  }
  throw new MalformedBytesError(`unknown snapshot row ${key}`);
}

/** @param writer - Any; handed in so that many rows share its buffer. */
export function encodeNodeRow(
  { path, node, dueMs }: NodeEntry,
  writer: ByteWriter = new ByteWriter(),
): SnapshotRow {
  writer.clear();
  writer.byte(FORMAT_VERSION);
  writer.bytes(node.data);
  new AclEncoder().encode(writer, node.acl);
  writeStat(writer, node, dueMs);
  return { key: nodeKey(path), value: writer.take() };
}

export function encodeOutcomeRow(key: string, outcome: TxnOutcome): SnapshotRow {
  return { key: outcomeKey(key), value: encodeOutcome(outcome) };
}

export function encodeSessionRow(session: Session): SnapshotRow {
  const writer = new ByteWriter();
  writer.byte(FORMAT_VERSION);
  writer.unsigned(session.id);
  writer.bytes(session.password);
  writer.unsigned(session.timeoutMs);
  writer.unsigned(session.member);
  return { key: sessionKey(session.id), value: writer.take() };
}

/**
 * Reads a row of another member.
 *
 * @throws MalformedBytesError if it is none of a version that this code knows.
 */
export function decodeSnapshotRow({ key, value }: SnapshotRow): RowContent {
  const place = parseKey(key);
  if (place.type === "outcome") {
    return { type: "outcome", key: place.key, outcome: decodeOutcome(value) };
  }
  const reader = new ByteReader(value);
  const version = reader.byte();
  if (version !== FORMAT_VERSION) {
    throw new MalformedBytesError(`expected snapshot format ${FORMAT_VERSION}, saw ${version}`);
  }
  if (place.type === "session") return { type: "session", session: readSession(reader) };
  return { type: "node", entry: readEntry(place.path, reader) };
}

function readSession(reader: ByteReader): Session {
  return {
    id: reader.unsigned(),
    password: reader.presentBytes(),
    timeoutMs: reader.unsigned(),
    member: reader.unsigned(),
  };
}

function readEntry(path: string, reader: ByteReader): NodeEntry {
  const data = reader.bytes();
  const acl = new AclDecoder().decode(reader);
  const node = readNode(reader, data, acl);
  return { path, node, dueMs: readDueMs(reader) };
}
