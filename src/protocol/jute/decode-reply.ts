import type { ACL, Id } from "../../core/acl.ts";
import { Code } from "../../core/keeper-error.ts";
import type { Stat } from "../../core/stat.ts";
import type { Zxid } from "../../core/zxid.ts";
import { readACL } from "./acl.ts";
import type { NativeRequest } from "./encode-request.ts";
import { InputArchive } from "./input-archive.ts";
import { OpCode } from "./op-code.ts";
import { readParts } from "./read-parts.ts";

/** A Stat as any ZooKeeper sends it: owners are 64 bits wide, other servers use them all. */
export type NativeStat = Omit<Stat, "ephemeralOwner"> & {
  /** The session that owns an ephemeral, otherwise 0; of other servers also the mark of a TTL. */
  readonly ephemeralOwner: bigint;
};

/** One result of a multi or a multiRead. `undone` parts were not tried because another failed. */
export type NativePart =
  | { readonly op: "create"; readonly path: string; readonly stat: NativeStat | undefined }
  | { readonly op: "setData"; readonly stat: NativeStat }
  | { readonly op: "delete" | "check" }
  | { readonly op: "getData"; readonly data: Uint8Array | null; readonly stat: NativeStat }
  | { readonly op: "getChildren"; readonly children: readonly string[] }
  | { readonly op: "error"; readonly code: number };

/** Two texts are at least their lengths. */
const ID_BYTES_MIN = 8;

/** What a request is answered with when it went well; which fields there are, its op tells. */
export interface NativeReply {
  readonly path?: string;
  readonly stat?: NativeStat;
  readonly data?: Uint8Array | null;
  readonly children?: readonly string[];
  readonly acl?: readonly ACL[];
  readonly parts?: readonly NativePart[];
  readonly paths?: readonly string[];
  readonly totalNumber?: number;
  readonly ids?: readonly Id[];
  /** Of children that were asked for in pages, if the server knows pages. */
  readonly page?: NativePage;
}

/** What a page says beside the names. */
export interface NativePage {
  /** Whether names follow behind the last one. */
  readonly more: boolean;
  /** Of each child, in their order: what was asked for and may be seen. */
  readonly entries: readonly {
    readonly stat?: NativeStat;
    readonly data?: Uint8Array | null;
  }[];
}

/** An event as a server sends it. */
export interface NativeEvent {
  /** {@link WatchedEventType}, or −1 for a change of state. */
  readonly type: number;
  readonly state: number;
  readonly path: string;
}

/** A frame of a server behind the handshake, its body not read yet. */
export interface ReplyFrame {
  /** −1 for an event. */
  readonly xid: number;
  /** −1 where the server has none to tell. */
  readonly zxid: Zxid;
  /** 0 if all went well; without a body otherwise. */
  readonly code: number;
  readonly body: InputArchive;
}

/** Reads the header of a frame; undefined if it is none. */
export function decodeReplyFrame(frame: Uint8Array): ReplyFrame | undefined {
  const body = new InputArchive(frame);
  const header = { xid: body.int(), zxid: body.long(), code: body.int() };
  return body.fault === undefined ? { ...header, body } : undefined;
}

/** Reads an event; undefined if the body is none. */
export function decodeEvent(body: InputArchive): NativeEvent | undefined {
  const event = { type: body.int(), state: body.int(), path: body.string() ?? "" };
  return body.fault === undefined ? event : undefined;
}

/**
 * Reads the body of an answer that is OK: the client's side of `encode-reply.ts`.
 *
 * @returns undefined if the bytes are not the answer to this request.
 */
export function decodeReply(body: InputArchive, request: NativeRequest): NativeReply | undefined {
  const reply = READERS[request.op](body, request);
  return body.fault === undefined ? reply : undefined;
}

type Reader = (body: InputArchive, request: NativeRequest) => NativeReply;

const NOTHING: NativeReply = {};
const readNothing = (): NativeReply => NOTHING;
const readPath = (body: InputArchive): NativeReply => ({ path: body.string() ?? "" });
const readOnlyStat = (body: InputArchive): NativeReply => ({ stat: readStat(body) });
const readResults = (body: InputArchive): NativeReply => ({
  parts: readParts(body, readPart, "a part that an answer may have"),
});
const readZnode = (body: InputArchive): NativeReply => ({
  data: body.buffer(),
  stat: readStat(body),
});
const readCreated = (body: InputArchive): NativeReply => ({
  path: body.string() ?? "",
  stat: readStat(body),
});

/** What the body of each operation's answer holds. Source: `zookeeper.jute`. */
const READERS: Readonly<Record<NativeRequest["op"], Reader>> = {
  create: readPath,
  create2: readCreated,
  createContainer: readCreated,
  createTTL: readCreated,
  delete: readNothing,
  setData: readOnlyStat,
  setACL: readOnlyStat,
  exists: readOnlyStat,
  getData: readZnode,
  reconfig: readZnode,
  getACL: (body) => ({ acl: readACL(body), stat: readStat(body) }),
  getChildren: (body) => ({ children: readTexts(body) }),
  getChildren2: readChildren,
  multi: readResults,
  multiRead: readResults,
  sync: readPath,
  getEphemerals: (body) => ({ paths: readTexts(body) }),
  getAllChildrenNumber: (body) => ({ totalNumber: body.int() }),
  whoAmI: (body) => ({ ids: body.vector(ID_BYTES_MIN, readId) ?? [] }),
  addWatch: readNothing,
  removeWatches: readNothing,
  checkWatches: readNothing,
  ping: readNothing,
  closeSession: readNothing,
};

/** Reads the 68 bytes of a Stat. Source: `Stat` in `zookeeper.jute`. */
function readStat(body: InputArchive): NativeStat {
  return {
    czxid: body.long(),
    mzxid: body.long(),
    ctime: body.long(),
    mtime: body.long(),
    version: body.int(),
    cversion: body.int(),
    aversion: body.int(),
    ephemeralOwner: body.bigLong(),
    dataLength: body.int(),
    numChildren: body.int(),
    pzxid: body.long(),
  };
}

function readChildren(body: InputArchive, request: NativeRequest): NativeReply {
  const reply = { children: readTexts(body), stat: readStat(body) };
  const page = request.op === "getChildren2" ? request.page : undefined;
  // A server that knows no pages has sent all names.
  if (page === undefined || body.remaining === 0) return reply;
  const more = body.bool();
  const entries = reply.children.map(() => ({
    ...(page.stat && body.bool() ? { stat: readStat(body) } : {}),
    ...(page.data && body.bool() ? { data: body.buffer() } : {}),
  }));
  return { ...reply, page: { more, entries } };
}

function readId(body: InputArchive): Id {
  return { scheme: body.string() ?? "", id: body.string() ?? "" };
}

/** A text takes at least the 4 bytes of its length. */
function readTexts(body: InputArchive): string[] {
  return body.vector(4, (from) => from.string() ?? "") ?? [];
}

function readPart(body: InputArchive, type: number): NativePart | undefined {
  switch (type) {
    case OpCode.create:
      return { op: "create", path: body.string() ?? "", stat: undefined };
    case OpCode.create2:
    case OpCode.createContainer:
    case OpCode.createTTL:
      return { op: "create", path: body.string() ?? "", stat: readStat(body) };
    case OpCode.delete:
      return { op: "delete" };
    case OpCode.setData:
      return { op: "setData", stat: readStat(body) };
    case OpCode.check:
      return { op: "check" };
    case OpCode.getData:
      return { op: "getData", data: body.buffer(), stat: readStat(body) };
    case OpCode.getChildren:
      return { op: "getChildren", children: readTexts(body) };
    case OpCode.error:
      return { op: "error", code: body.int() };
    default:
      return undefined;
  }
}

/** The part that failed a multi: the first code that is neither OK nor "not tried"; −1 if none. */
export function failedPartOf(parts: readonly NativePart[]): number {
  return parts.findIndex(
    (part) =>
      part.op === "error" && part.code !== Code.OK && part.code !== Code.RUNTIMEINCONSISTENCY,
  );
}
