import type {
  AuthRequest,
  CreateRequest,
  MultiOp,
  MultiReadRequest,
  ReconfigRequest,
  Request,
  SetWatchesRequest,
} from "../../core/request.ts";
import { writeACL } from "./acl.ts";
import { writePage } from "./child-page.ts";
import { OpCode } from "./op-code.ts";
import type { OutputArchive } from "./output-archive.ts";

/** What a client may ask: every request of the core that has a native form. */
export type NativeRequest = Exclude<
  Request,
  { readonly op: "deleteRecursive" | "reap" | "sasl" | "auth" | "setWatches" }
>;

/** One part of a multi, or of a multiRead. */
type Part = MultiOp | MultiReadRequest["ops"][number];

/** A request that is about one path. */
type PathRequest = Extract<NativeRequest, { readonly path: string }>;

/** Xids of requests that are not of the user's stream. Source: ZooKeeper `ClientCnxn`. */
export const ClientXid = { ping: -2, auth: -4, setWatches: -8 } as const;

/**
 * Encodes a request as a frame: the client's side of `decode-request.ts`.
 *
 * Source: ZooKeeper `ZooKeeper`, `ClientCnxn.Packet`.
 */
export function encodeRequest(archive: OutputArchive, xid: number, request: NativeRequest): void {
  archive.startFrame();
  archive.int(xid);
  archive.int(OpCode[request.op]);
  writeBody(archive, request);
  archive.endFrame();
}

/** Encodes a proof of identity; it stays with the connection. */
export function encodeAuth(archive: OutputArchive, { scheme, auth }: AuthRequest): void {
  archive.startFrame();
  archive.int(ClientXid.auth);
  archive.int(OpCode.auth);
  archive.int(0);
  archive.string(scheme);
  archive.buffer(auth);
  archive.endFrame();
}

/**
 * Encodes the watches of a session that moved to another connection.
 *
 * Servers older than 3.6 know `setWatches` only, so the second form is used just where it is needed.
 */
export function encodeSetWatches(archive: OutputArchive, request: SetWatchesRequest): void {
  const { persistentWatches, persistentRecursiveWatches } = request;
  const needsSecond = persistentWatches.length > 0 || persistentRecursiveWatches.length > 0;
  archive.startFrame();
  archive.int(ClientXid.setWatches);
  archive.int(needsSecond ? OpCode.setWatches2 : OpCode.setWatches);
  archive.long(request.relativeZxid);
  writePaths(archive, request.dataWatches);
  writePaths(archive, request.existWatches);
  writePaths(archive, request.childWatches);
  if (needsSecond) {
    writePaths(archive, persistentWatches);
    writePaths(archive, persistentRecursiveWatches);
  }
  archive.endFrame();
}

function writeBody(archive: OutputArchive, request: NativeRequest): void {
  if ("ops" in request) {
    for (const part of request.ops) {
      writePartHeader(archive, OpCode[part.op], false);
      writeRecord(archive, part);
    }
    writePartHeader(archive, OpCode.error, true);
  } else if ("path" in request) {
    writeRecord(archive, request);
  } else if ("prefixPath" in request) {
    archive.string(request.prefixPath);
  } else if (request.op === "reconfig") {
    writeReconfig(archive, request);
  }
}

function writeReconfig(archive: OutputArchive, request: ReconfigRequest): void {
  archive.string(request.joiningServers);
  archive.string(request.leavingServers);
  archive.string(request.newMembers);
  archive.long(request.curConfigId);
}

function writePartHeader(archive: OutputArchive, type: number, isDone: boolean): void {
  archive.int(type);
  archive.bool(isDone);
  archive.int(-1);
}

/** Writes the fields of a record that starts with a path, in the order of `zookeeper.jute`. */
function writeRecord(archive: OutputArchive, record: Part | PathRequest): void {
  archive.string(record.path);
  if ("flags" in record) {
    writeCreate(archive, record);
    return;
  }
  if ("data" in record) archive.buffer(record.data);
  if ("acl" in record) writeACL(archive, record.acl);
  if ("version" in record) archive.int(record.version);
  if ("watch" in record) archive.bool(record.watch);
  if ("mode" in record) archive.int(record.mode);
  if ("type" in record) archive.int(record.type);
  if ("page" in record && record.page !== undefined) writePage(archive, record.page);
}

function writeCreate(archive: OutputArchive, { op, data, acl, flags, ttlMs }: CreateRequest): void {
  archive.buffer(data);
  writeACL(archive, acl);
  archive.int(flags);
  if (op === "createTTL") archive.long(ttlMs);
}

function writePaths(archive: OutputArchive, paths: readonly string[]): void {
  archive.vector(paths, (into, path) => into.string(path));
}
