import type { ACL } from "../../../../src/core/acl.ts";
import { unreachable } from "../../../../src/core/assert.ts";
import { CreateMode } from "../../../../src/core/create-mode.ts";
import type { MultiOp, Request } from "../../../../src/core/request.ts";
import { OpCode } from "../../../../src/protocol/jute/op-code.ts";

/** Writes what a client sends, without any code of ours: the other side of each round trip. */
export class Body {
  readonly #parts: Buffer[] = [];

  int(value: number): this {
    const part = Buffer.alloc(4);
    part.writeInt32BE(value);
    this.#parts.push(part);
    return this;
  }

  long(value: number | bigint): this {
    const part = Buffer.alloc(8);
    part.writeBigInt64BE(BigInt(value));
    this.#parts.push(part);
    return this;
  }

  bool(value: boolean): this {
    this.#parts.push(Buffer.from([value ? 1 : 0]));
    return this;
  }

  buffer(value: Uint8Array | null): this {
    this.int(value === null ? -1 : value.length);
    if (value !== null) this.#parts.push(Buffer.from(value));
    return this;
  }

  string(value: string | null): this {
    return this.buffer(value === null ? null : Buffer.from(value, "utf8"));
  }

  vector<T>(items: readonly T[], write: (item: T) => void): this {
    this.int(items.length);
    items.forEach(write);
    return this;
  }

  acl(acl: readonly ACL[]): this {
    return this.vector(acl, ({ perms, id }) => this.int(perms).string(id.scheme).string(id.id));
  }

  paths(paths: readonly string[]): this {
    return this.vector(paths, (path) => this.string(path));
  }

  bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

/** Puts its length before a frame. */
export function framed(frame: Uint8Array): Buffer {
  return Buffer.concat([new Body().int(frame.length).bytes(), frame]);
}

export function requestFrame(xid: number, type: number, body: Body = new Body()): Buffer {
  return Buffer.concat([new Body().int(xid).int(type).bytes(), body.bytes()]);
}

export interface Handshake {
  readonly lastZxidSeen?: number | bigint;
  readonly timeoutMs?: number;
  readonly sessionId?: number | bigint;
  readonly password?: Uint8Array | null;
  readonly readOnly?: boolean;
}

export function connectFrame({
  lastZxidSeen = 0,
  timeoutMs = 10_000,
  sessionId = 0,
  password = Buffer.alloc(16),
  readOnly,
}: Handshake = {}): Buffer {
  const body = new Body().int(0).long(lastZxidSeen).int(timeoutMs).long(sessionId).buffer(password);
  return (readOnly === undefined ? body : body.bool(readOnly)).bytes();
}

/** Encodes a request of the core under the operation that carries it. */
export function encodeRequest(xid: number, type: number, request: Request): Buffer {
  const body = new Body();
  if ("path" in request) writeZnodeRequest(body, request);
  else writeOther(body, type, request);
  return requestFrame(xid, type, body);
}

type ZnodeRequest = MultiOp | Extract<Request, { path: string }>;

function writeZnodeRequest(body: Body, request: ZnodeRequest): void {
  body.string(request.path);
  if ("flags" in request) {
    body.buffer(request.data).acl(request.acl).int(request.flags);
    if (request.op === "createTTL") body.long(request.ttlMs);
    return;
  }
  switch (request.op) {
    case "setData":
      body.buffer(request.data).int(request.version);
      return;
    case "setACL":
      body.acl(request.acl).int(request.version);
      return;
    case "addWatch":
      body.int(request.mode);
      return;
    default:
      if ("version" in request) body.int(request.version);
      if ("watch" in request) body.bool(request.watch);
      if ("type" in request) body.int(request.type);
  }
}

function writeOther(body: Body, type: number, request: Exclude<Request, { path: string }>): void {
  switch (request.op) {
    case "multi":
    case "multiRead":
      for (const part of request.ops) {
        body.int(partType(part)).bool(false).int(-1);
        writeZnodeRequest(body, part);
      }
      body.int(-1).bool(true).int(-1);
      return;
    case "getEphemerals":
      body.string(request.prefixPath);
      return;
    case "auth":
      body.int(0).string(request.scheme).buffer(request.auth);
      return;
    case "setWatches":
      body.long(request.relativeZxid).paths(request.dataWatches).paths(request.existWatches);
      body.paths(request.childWatches);
      if (type !== OpCode.setWatches2) return;
      body.paths(request.persistentWatches).paths(request.persistentRecursiveWatches);
      return;
    case "reconfig":
      body.string(request.joiningServers).string(request.leavingServers);
      body.string(request.newMembers).long(request.curConfigId);
      return;
    case "whoAmI":
    case "ping":
    case "sasl":
    case "closeSession":
      return;
    default:
      unreachable(request);
  }
}

function partType(
  part: MultiOp | { readonly op: "exists" | "getData" | "getChildren" | "getChildren2" },
): number {
  return OpCode[part.op];
}

/** The mode that makes a create of a multi mean what its operation says. */
export function flagsFor(op: MultiOp["op"], isSequential: boolean): number {
  if (op === "createContainer") return CreateMode.CONTAINER;
  if (op !== "createTTL") return isSequential ? CreateMode.EPHEMERAL_SEQUENTIAL : 0;
  return isSequential ? CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL : CreateMode.PERSISTENT_WITH_TTL;
}
