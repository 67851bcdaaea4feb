import { Code, failure } from "../../core/keeper-error.ts";
import { isWrite, type Request, type SetWatchesRequest } from "../../core/request.ts";
import { readACL } from "./acl.ts";
import { readPage } from "./child-page.ts";
import { readCreate } from "./decode-create.ts";
import { readMulti, readMultiRead } from "./decode-multi.ts";
import { type DecodedFrame, fatal, refused, unimplemented } from "./decoded-frame.ts";
import { InputArchive } from "./input-archive.ts";
import { OpCode } from "./op-code.ts";
import { readNullablePath, readPath, readPaths } from "./path.ts";

const NO_BYTES = new Uint8Array(0);
const NO_PATHS: readonly string[] = [];

/**
 * Decodes a frame that came behind the handshake; never throws.
 *
 * A body that can't be read is MARSHALLINGERROR and the connection goes on [JU8]; without a header,
 * or in a request for authentication, it can't. Only the codec is asked here: paths, flags and
 * versions are as they came.
 *
 * @param frame - without its length. Nothing of it is kept: data is copied.
 * Source: ZooKeeper `ZooKeeperServer.processPacket`, `Request.isValid`.
 */
export function decodeRequest(frame: Uint8Array): DecodedFrame {
  const archive = new InputArchive(frame);
  const header = { xid: archive.int(), type: archive.int() };
  if (archive.isTruncated) {
    return fatal(`expected a request header of 8 bytes, saw ${frame.length}`);
  }
  const { xid, type } = header;
  const request = readRequest(archive, type);
  if (request === undefined) return unimplemented(xid);
  const { fault } = archive;
  if (fault === undefined) return { kind: "request", xid, type, request };
  if (type === OpCode.auth || type === OpCode.sasl) return fatal(fault);
  // ZooKeeper 3.9 decodes before it takes a zxid, but for a multi.
  const takesZxid = isWrite(request) && (!archive.isTruncated || type === OpCode.multi);
  return refused(header, failure(Code.MARSHALLINGERROR, fault), takesZxid);
}

function readRequest(body: InputArchive, type: number): Request | undefined {
  return readWrite(body, type) ?? readRead(body, type) ?? readOther(body, type);
}

function readWrite(body: InputArchive, type: number): Request | undefined {
  switch (type) {
    case OpCode.create:
      return readCreate(body, "create");
    case OpCode.create2:
      return readCreate(body, "create2");
    case OpCode.createContainer:
      return readCreate(body, "createContainer");
    case OpCode.createTTL:
      return readCreate(body, "createTTL");
    case OpCode.reconfig:
      return readReconfig(body);
    case OpCode.delete:
      return { op: "delete", path: readPath(body), version: body.int() };
    case OpCode.setData: {
      const path = readNullablePath(body);
      return { op: "setData", path, data: body.buffer(), version: body.int() };
    }
    case OpCode.setACL: {
      const path = readNullablePath(body);
      return { op: "setACL", path, acl: readACL(body), version: body.int() };
    }
    case OpCode.multi:
      return readMulti(body);
    case OpCode.closeSession:
      return { op: "closeSession" };
    default:
      return undefined;
  }
}

function readRead(body: InputArchive, type: number): Request | undefined {
  switch (type) {
    case OpCode.exists:
      return { op: "exists", path: readPath(body), watch: body.bool() };
    case OpCode.getData:
      return { op: "getData", path: readPath(body), watch: body.bool() };
    case OpCode.getChildren:
      return { op: "getChildren", path: readPath(body), watch: body.bool() };
    case OpCode.getChildren2:
      return readChildren2(body);
    case OpCode.getACL:
      return { op: "getACL", path: readPath(body) };
    case OpCode.multiRead:
      return readMultiRead(body);
    case OpCode.getEphemerals:
      return { op: "getEphemerals", prefixPath: readNullablePath(body) };
    case OpCode.getAllChildrenNumber:
      return { op: "getAllChildrenNumber", path: readPath(body) };
    case OpCode.sync:
      return { op: "sync", path: readNullablePath(body) };
    case OpCode.whoAmI:
      return { op: "whoAmI" };
    default:
      return undefined;
  }
}

function readChildren2(body: InputArchive): Request {
  const request = { op: "getChildren2", path: readPath(body), watch: body.bool() } as const;
  const page = readPage(body);
  return page === undefined ? request : { ...request, page };
}

function readOther(body: InputArchive, type: number): Request | undefined {
  switch (type) {
    case OpCode.ping:
      return { op: "ping" };
    case OpCode.auth:
      // Its own type, always 0 and never looked at.
      body.int();
      return { op: "auth", scheme: body.string() ?? "", auth: body.buffer() ?? NO_BYTES };
    case OpCode.sasl:
      // There is no SASL, so its token changes nothing [JU16]; ZooKeeper stumbles over a missing one.
      if (body.buffer() === null) body.refuse("expected a SASL token, saw null");
      return { op: "sasl" };
    case OpCode.addWatch:
      return { op: "addWatch", path: readNullablePath(body), mode: body.int() };
    case OpCode.checkWatches:
      return { op: "checkWatches", path: readNullablePath(body), type: body.int() };
    case OpCode.removeWatches:
      return { op: "removeWatches", path: readNullablePath(body), type: body.int() };
    case OpCode.setWatches:
      return readSetWatches(body, false);
    case OpCode.setWatches2:
      return readSetWatches(body, true);
    default:
      return undefined;
  }
}

function readSetWatches(body: InputArchive, hasPersistent: boolean): SetWatchesRequest {
  return {
    op: "setWatches",
    relativeZxid: body.long(),
    dataWatches: readPaths(body),
    existWatches: readPaths(body),
    childWatches: readPaths(body),
    persistentWatches: hasPersistent ? readPaths(body) : NO_PATHS,
    persistentRecursiveWatches: hasPersistent ? readPaths(body) : NO_PATHS,
  };
}

/** Text that is missing is as good as empty. Source: ZooKeeper `ReconfigRequest`. */
function readReconfig(body: InputArchive): Request {
  const joiningServers = body.string();
  const leavingServers = body.string();
  const newMembers = body.string();
  return { op: "reconfig", joiningServers, leavingServers, newMembers, curConfigId: body.long() };
}
