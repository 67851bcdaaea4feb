import { OPCODE, type OperationName, Writer } from "../wire.ts";

/** One entry of an ACL as a script writes it. */
export interface AclEntry {
  readonly perms: number;
  readonly scheme: string | null;
  readonly id: string | null;
}

/** A create of any kind; its fields are sent as they are, also when they make no sense. */
export interface Create {
  readonly op: "create" | "create2" | "createContainer" | "createTTL";
  readonly path: string | null;
  readonly data: string | null;
  readonly acl: readonly AclEntry[] | null;
  readonly flags: number;
  readonly ttl?: number;
}

/** Delete, or check of a version. */
interface WithVersion {
  readonly op: "delete" | "check";
  readonly path: string | null;
  readonly version: number;
}

interface SetData {
  readonly op: "setData";
  readonly path: string | null;
  readonly data: string | null;
  readonly version: number;
}

interface SetACL {
  readonly op: "setACL";
  readonly path: string | null;
  readonly acl: readonly AclEntry[] | null;
  readonly version: number;
}

/** A read that can leave a watch. */
interface Watching {
  readonly op: "exists" | "getData" | "getChildren" | "getChildren2";
  readonly path: string | null;
  readonly watch: boolean;
}

/** A request that is nothing but a path. */
interface OfPath {
  readonly op: "getACL" | "sync" | "getEphemerals" | "getAllChildrenNumber";
  readonly path: string | null;
}

/** `mode` of addWatch, `type` of the two others. */
interface OfWatch {
  readonly op: "addWatch" | "checkWatches" | "removeWatches";
  readonly path: string | null;
  readonly kind: number;
}

/** The lists of watches a client brings back. */
export interface SetWatches {
  readonly op: "setWatches" | "setWatches2";
  /** zxids after the start of the script; 0 is its start. */
  readonly since: number;
  /** Data, exist, child; and for setWatches2 persistent, persistent recursive. */
  readonly lists: readonly (readonly string[])[];
}

interface Auth {
  readonly op: "auth";
  readonly scheme: string | null;
  readonly auth: string;
}

/** A multi of writes, or a multiRead. */
export interface Multi {
  readonly op: "multi" | "multiRead";
  readonly parts: readonly Operation[];
}

interface Empty {
  readonly op: "whoAmI" | "ping" | "sasl" | "reconfig" | "closeSession" | "unknown";
}

/** A request of a script. Paths are below the script's root; `path()` of {@link Paths} explains. */
export type Operation = (
  | Create
  | WithVersion
  | SetData
  | SetACL
  | Watching
  | OfPath
  | OfWatch
  | SetWatches
  | Auth
  | Multi
  | Empty
) & {
  /** Damage to the encoded body, to see how it is refused. */
  readonly damage?: Damage;
};

/** Keeps only the first `keep` bytes, or writes `byte` at `at`; both count modulo the length. */
export interface Damage {
  readonly keep?: number;
  readonly at?: number;
  readonly byte?: number;
}

/** What a script must know about the server it runs on before its requests can be encoded. */
export interface Paths {
  /** The script's own node. */
  readonly root: string;
  /** The zxid at the start of the script. */
  readonly base: bigint;
}

/**
 * A path as it is sent: what starts with `!` is absolute, with `{R}` for the root; all others are
 * below the root; the empty path is the root.
 */
export function absolute(path: string, { root }: Paths): string {
  return path.startsWith("!") ? path.slice(1).replaceAll("{R}", root) : root + path;
}

/** The payload of a request's frame. */
export function encodeRequest(operation: Operation, xid: number, paths: Paths): Buffer {
  const header = new Writer().int(xid).int(OPCODE[operation.op]);
  return Buffer.concat([header.toBuffer(), damaged(encodeBody(operation, paths), operation)]);
}

/** The body alone; also of a part of a multi. */
function encodeBody(operation: Operation, paths: Paths): Buffer {
  const writer = new Writer();
  const encoder: Encoder = { writer, paths };
  switch (operation.op) {
    case "multi":
    case "multiRead":
      writeMulti(operation, encoder);
      break;
    case "setWatches":
    case "setWatches2":
      writeSetWatches(operation, encoder);
      break;
    case "auth":
      writer.int(0).bytes(operation.scheme).bytes(operation.auth);
      break;
    case "whoAmI":
    case "ping":
    case "closeSession":
    case "unknown":
      break;
    case "sasl":
      writer.bytes("");
      break;
    case "reconfig":
      writer.bytes(null).bytes(null).bytes(null).long(-1n);
      break;
    default:
      writeFields(operation, encoder);
  }
  return writer.toBuffer();
}

interface Encoder {
  readonly writer: Writer;
  readonly paths: Paths;
}

function writeFields(
  operation: Create | WithVersion | SetData | SetACL | Watching | OfPath | OfWatch,
  { writer, paths }: Encoder,
): void {
  writer.bytes(operation.path === null ? null : absolute(operation.path, paths));
  if ("data" in operation) writer.bytes(text(operation.data, paths));
  if ("acl" in operation) writeAcl(operation.acl, writer);
  if ("flags" in operation) writer.int(operation.flags);
  if (operation.op === "createTTL") writer.long(BigInt(operation.ttl ?? 0));
  if ("version" in operation) writer.int(operation.version);
  if ("watch" in operation) writer.bool(operation.watch);
  if ("kind" in operation) writer.int(operation.kind);
}

/** Data that starts with `*` and a number is that many bytes, so that scripts stay readable. */
function text(data: string | null, { root }: Paths): string | null {
  if (data === null) return null;
  const count = /^\*(\d+)$/.exec(data)?.[1];
  return count === undefined ? data.replaceAll("{R}", root) : "x".repeat(Number(count));
}

function writeAcl(acl: readonly AclEntry[] | null, writer: Writer): void {
  writer.list(acl, ({ perms, scheme, id }) => writer.int(perms).bytes(scheme).bytes(id));
}

function writeSetWatches({ since, lists }: SetWatches, { writer, paths }: Encoder): void {
  writer.long(paths.base + BigInt(since));
  for (const list of lists) writer.list(list, (path) => writer.bytes(absolute(path, paths)));
}

function writeMulti({ parts }: Multi, { writer, paths }: Encoder): void {
  const encoded = parts.map((part) => ({ code: OPCODE[part.op], body: encodeBody(part, paths) }));
  for (const { code, body } of encoded) writer.int(code).bool(false).int(-1).raw(body);
  writer.int(-1).bool(true).int(-1);
}

function damaged(body: Buffer, { damage }: Operation): Buffer {
  if (damage === undefined || body.length === 0) return body;
  if (damage.keep !== undefined) return body.subarray(0, damage.keep % body.length);
  const copy = Buffer.from(body);
  copy[(damage.at ?? 0) % body.length] = damage.byte ?? 0;
  return copy;
}

/** Whether the server answers this with a zxid of its own. */
export function isWrite(operation: Operation): boolean {
  return WRITES.has(operation.op);
}

const WRITES: ReadonlySet<OperationName> = new Set<OperationName>([
  "create",
  "create2",
  "createContainer",
  "createTTL",
  "delete",
  "setData",
  "setACL",
  "multi",
  "reconfig",
]);
