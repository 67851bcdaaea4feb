import { unreachable } from "../../core/assert.ts";
import { Code, isFailure, type Outcome } from "../../core/keeper-error.ts";
import type { Reply, WatchedEvent } from "../../core/request.ts";
import type { Zxid } from "../../core/zxid.ts";
import { writeACL } from "./acl.ts";
import { writePageTail } from "./child-page.ts";
import type { DecodedFrame, DecodedRequest } from "./decoded-frame.ts";
import { writeFailedMulti, writeMulti, writeMultiRead } from "./encode-multi.ts";
import { OpCode, Xid } from "./op-code.ts";
import type { OutputArchive } from "./output-archive.ts";
import { writeStat } from "./stat.ts";

/** A zxid where ZooKeeper has none to tell. */
const NO_ZXID = -1;

/** `KeeperState.SyncConnected`: the only state in which a server sends events. */
const SYNC_CONNECTED = 3;

/**
 * Encodes the answer to what came in a frame, as a frame: a header, and a body if all went well.
 *
 * The request is needed, because its operation decides the shape of the body. A failure inside a
 * multi is an answer of its own, with a header that says OK [JU13].
 *
 * @param zxid - of the write; otherwise the last one applied. Not shown by authentication.
 * Source: ZooKeeper `FinalRequestProcessor`.
 */
export function encodeReply(
  archive: OutputArchive,
  asked: DecodedFrame,
  zxid: Zxid,
  outcome: Outcome<Reply>,
): void {
  switch (asked.kind) {
    case "request":
      archive.startFrame();
      writeAnswer(archive, asked, zxid, outcome);
      archive.endFrame();
      return;
    case "refused":
      writeRefusal(archive, { xid: asked.xid, zxid }, asked.failure.code);
      return;
    case "unimplemented":
      writeRefusal(archive, { xid: asked.xid, zxid: NO_ZXID }, Code.UNIMPLEMENTED);
      return;
    case "fatal":
      return;
    default:
      unreachable(asked);
  }
}

function writeRefusal(
  archive: OutputArchive,
  header: { readonly xid: number; readonly zxid: Zxid },
  code: Code,
): void {
  archive.startFrame();
  writeHeader(archive, header);
  archive.int(code);
  archive.endFrame();
}

function writeAnswer(
  archive: OutputArchive,
  { xid, type, request }: DecodedRequest,
  zxid: Zxid,
  outcome: Outcome<Reply>,
): void {
  const isAuthentication = type === OpCode.auth || type === OpCode.sasl;
  writeHeader(archive, {
    xid: type === OpCode.ping ? Xid.ping : xid,
    zxid: isAuthentication ? 0 : zxid,
  });
  if (!isFailure(outcome)) {
    archive.int(Code.OK);
    writeBody(archive, { type, request }, outcome);
  } else if (request.op === "multi" && outcome.failedAt !== undefined) {
    archive.int(Code.OK);
    writeFailedMulti(archive, request.ops.length, { ...outcome, failedAt: outcome.failedAt });
  } else {
    archive.int(outcome.code);
  }
}

/** Encodes an event as a frame. Its zxid is that of the change, as since ZooKeeper 3.9 [JU17]. */
export function encodeEvent(archive: OutputArchive, { type, path, zxid }: WatchedEvent): void {
  archive.startFrame();
  writeHeader(archive, { xid: Xid.notification, zxid });
  archive.int(Code.OK);
  archive.int(type);
  archive.int(SYNC_CONNECTED);
  archive.string(path);
  archive.endFrame();
}

function writeHeader(
  archive: OutputArchive,
  { xid, zxid }: { readonly xid: number; readonly zxid: Zxid },
): void {
  archive.int(xid);
  archive.long(zxid);
}

function writeBody(
  archive: OutputArchive,
  { type, request }: Pick<DecodedRequest, "type" | "request">,
  reply: Reply,
): void {
  switch (reply.op) {
    case "create":
      archive.string(reply.path);
      if (type !== OpCode.create) writeStat(archive, reply.stat);
      return;
    case "setData":
    case "setACL":
    case "exists":
      writeStat(archive, reply.stat);
      return;
    case "sync":
      archive.string(reply.path);
      return;
    case "multi":
      writeMulti(archive, request.op === "multi" ? request.ops : [], reply.results);
      return;
    case "multiRead":
      writeMultiRead(archive, reply.results);
      return;
    default:
      writeReadBody(archive, { type, request }, reply);
  }
}

function writeReadBody(
  archive: OutputArchive,
  { type, request }: Pick<DecodedRequest, "type" | "request">,
  reply: Exclude<
    Reply,
    { op: "create" | "setData" | "setACL" | "exists" | "sync" | "multi" | "multiRead" }
  >,
): void {
  switch (reply.op) {
    case "getData":
    case "reconfig":
      archive.buffer(reply.data);
      writeStat(archive, reply.stat);
      return;
    case "getACL":
      writeACL(archive, reply.acl);
      writeStat(archive, reply.stat);
      return;
    case "getChildren":
      archive.vector(reply.children, (into, { name }) => into.string(name));
      if (type === OpCode.getChildren2) writeStat(archive, reply.stat);
      if (request.op === "getChildren2" && request.page !== undefined) {
        writePageTail(archive, request.page, reply);
      }
      return;
    case "getEphemerals":
      archive.vector(reply.paths, (into, path) => into.string(path));
      return;
    case "getAllChildrenNumber":
      archive.int(reply.totalNumber);
      return;
    case "whoAmI":
      archive.vector(reply.ids, (into, { scheme, id }) => {
        into.string(scheme);
        into.string(id);
      });
      return;
    case "addWatch":
      // An `ErrorResponse`, although the header says it already.
      archive.int(Code.OK);
      return;
    default:
      if (type === OpCode.sasl) archive.buffer(null);
  }
}
