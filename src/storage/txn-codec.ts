import { unreachable } from "../core/assert.ts";
import type { NodeKind } from "../core/data-node.ts";
import type { Code } from "../core/keeper-error.ts";
import type {
  CloseSessionTxn,
  CreateTxn,
  DeleteTxn,
  LoggedTxn,
  SubTxn,
  Txn,
  TxnHeader,
} from "../core/txn.ts";
import { AclDecoder, AclEncoder } from "./acl-codec.ts";
import { ByteReader, MalformedBytesError } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";

/**
 * Txns as bytes, a batch at a time:
 *
 *     batch   version=1, (txn)*                       to the end of the bytes
 *     txn     type | 0x80 if there is a key, header, body
 *     header  sessionId, cxid, zxid and timeMs as differences to the txn before, key?
 *     body    by type, see below
 *
 * Differences start from 0, so that the first txn of a batch is absolute and a batch stands alone.
 */
const FORMAT_VERSION = 1;

const TYPES = [
  "create",
  "delete",
  "setData",
  "setACL",
  "check",
  "error",
  "multi",
  "createSession",
  "closeSession",
] as const satisfies readonly Txn["type"][];
const HAS_KEY = 0x80;

const TYPE_BYTES = new Map<Txn["type"], number>(TYPES.map((type, i) => [type, i + 1]));

/** Encodes the txns of one batch, one by one. */
export class TxnEncoder {
  readonly #writer = new ByteWriter();
  readonly #acls = new AclEncoder();
  #zxid = 0;
  #timeMs = 0;

  constructor() {
    this.#writer.byte(FORMAT_VERSION);
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#writer.length;
  }

  /** Returns everything encoded. The encoder is spent. */
  take(): Uint8Array {
    return this.#writer.take();
  }

  add({ header, txn }: LoggedTxn): void {
    const key = header.idempotencyKey;
    const writer = this.#writer;
    writer.byte(typeByte(txn.type) | (key === undefined ? 0 : HAS_KEY));
    writer.unsigned(header.sessionId);
    writer.signed(header.cxid);
    writer.unsigned(header.zxid - this.#zxid);
    writer.signed(header.timeMs - this.#timeMs);
    if (key !== undefined) writer.string(key);
    this.#zxid = header.zxid;
    this.#timeMs = header.timeMs;
    this.#body(txn);
  }

  #body(txn: Txn): void {
    const writer = this.#writer;
    switch (txn.type) {
      case "create":
      case "delete":
      case "setData":
      case "check":
        this.#subBody(txn);
        return;
      case "setACL":
        writer.string(txn.path);
        this.#acls.encode(writer, txn.acl);
        writer.signed(txn.aversion);
        return;
      case "error":
        writer.signed(txn.code);
        return;
      case "multi":
        writer.unsigned(txn.txns.length);
        for (const sub of txn.txns) {
          writer.byte(typeByte(sub.type));
          this.#subBody(sub);
        }
        return;
      case "createSession":
        writer.unsigned(txn.id);
        writer.bytes(txn.password);
        writer.unsigned(txn.timeoutMs);
        writer.unsigned(txn.member);
        return;
      case "closeSession":
        writer.unsigned(txn.deletes.length);
        for (const sub of txn.deletes) this.#subBody(sub);
        return;
      default:
        unreachable(txn);
    }
  }

  #subBody(txn: SubTxn): void {
    const writer = this.#writer;
    writer.string(txn.path);
    switch (txn.type) {
      case "create":
        writer.bytes(txn.data);
        this.#acls.encode(writer, txn.acl);
        this.#acls.encode(writer, txn.parentAcl);
        writer.byte(txn.kind);
        writer.unsigned(txn.ephemeralOwner);
        writer.unsigned(txn.ttlMs);
        writer.signed(txn.parentCreateCounter);
        return;
      case "delete":
        this.#acls.encode(writer, txn.acl);
        this.#acls.encode(writer, txn.parentAcl);
        return;
      case "setData":
        writer.bytes(txn.data);
        writer.signed(txn.version);
        this.#acls.encode(writer, txn.acl);
        return;
      case "check":
        return;
      default:
        unreachable(txn);
    }
  }
}

/** Encodes one batch. */
export function encodeTxns(txns: readonly LoggedTxn[]): Uint8Array {
  const encoder = new TxnEncoder();
  for (const logged of txns) encoder.add(logged);
  return encoder.take();
}

/**
 * Decodes one batch; the reverse of {@link encodeTxns}.
 *
 * @throws MalformedBytesError if the bytes are no batch of a version that this code knows.
 */
export function decodeTxns(bytes: Uint8Array): LoggedTxn[] {
  const reader = new ByteReader(bytes);
  const version = reader.byte();
  if (version !== FORMAT_VERSION) {
    throw new MalformedBytesError(`expected txn format ${FORMAT_VERSION}, saw ${version}`);
  }
  const acls = new AclDecoder();
  const txns: LoggedTxn[] = [];
  let zxid = 0;
  let timeMs = 0;
  while (!reader.isAtEnd) {
    const head = reader.byte();
    const sessionId = reader.unsigned();
    const cxid = reader.signed();
    zxid += reader.unsigned();
    timeMs += reader.signed();
    const header: TxnHeader =
      head < HAS_KEY
        ? { sessionId, cxid, zxid, timeMs }
        : { sessionId, cxid, zxid, timeMs, idempotencyKey: reader.string() };
    txns.push({ header, txn: decodeBody(reader, acls, typeOf(head & ~HAS_KEY)) });
  }
  return txns;
}

function decodeBody(reader: ByteReader, acls: AclDecoder, type: Txn["type"]): Txn {
  switch (type) {
    case "create":
    case "delete":
    case "setData":
    case "check":
      return decodeSubBody(reader, acls, type);
    case "setACL": {
      const path = reader.string();
      return { type, path, acl: acls.decode(reader), aversion: reader.signed() };
    }
    case "error":
      return { type, code: reader.signed() as Code };
    case "multi": {
      const txns: SubTxn[] = [];
      for (let count = reader.unsigned(); count > 0; count--) {
        txns.push(decodeSubBody(reader, acls, typeOf(reader.byte())));
      }
      return { type, txns };
    }
    case "createSession": {
      const id = reader.unsigned();
      const password = reader.presentBytes();
      return { type, id, password, timeoutMs: reader.unsigned(), member: reader.unsigned() };
    }
    case "closeSession":
      return decodeCloseSession(reader, acls);
    default:
      return unreachable(type);
  }
}

function decodeCloseSession(reader: ByteReader, acls: AclDecoder): CloseSessionTxn {
  const deletes: DeleteTxn[] = [];
  for (let count = reader.unsigned(); count > 0; count--) deletes.push(decodeDelete(reader, acls));
  return { type: "closeSession", deletes };
}

function decodeSubBody(reader: ByteReader, acls: AclDecoder, type: Txn["type"]): SubTxn {
  switch (type) {
    case "create":
      return decodeCreate(reader, acls);
    case "delete":
      return decodeDelete(reader, acls);
    case "setData": {
      const path = reader.string();
      const data = reader.bytes();
      return { type, path, data, version: reader.signed(), acl: acls.decode(reader) };
    }
    case "check":
      return { type, path: reader.string() };
    default:
      throw new MalformedBytesError(`expected a txn that a multi may hold, saw ${type}`);
  }
}

function decodeCreate(reader: ByteReader, acls: AclDecoder): CreateTxn {
  return {
    type: "create",
    path: reader.string(),
    data: reader.bytes(),
    acl: acls.decode(reader),
    parentAcl: acls.decode(reader),
    kind: reader.byte() as NodeKind,
    ephemeralOwner: reader.unsigned(),
    ttlMs: reader.unsigned(),
    parentCreateCounter: reader.signed(),
  };
}

function decodeDelete(reader: ByteReader, acls: AclDecoder): DeleteTxn {
  const path = reader.string();
  return { type: "delete", path, acl: acls.decode(reader), parentAcl: acls.decode(reader) };
}

function typeByte(type: Txn["type"]): number {
  return TYPE_BYTES.get(type) ?? 0;
}

function typeOf(byte: number): Txn["type"] {
  const type = TYPES[byte - 1];
  if (type === undefined) throw new MalformedBytesError(`unknown txn type ${byte}`);
  return type;
}
