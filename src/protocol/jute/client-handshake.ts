import type { Zxid } from "../../core/zxid.ts";
import { InputArchive } from "./input-archive.ts";
import type { OutputArchive } from "./output-archive.ts";

/** A session as its client knows it, of any ZooKeeper server. */
export interface NativeSession {
  /** 64 bits; other servers use them all. */
  readonly id: bigint;
  /** Whoever shows it may resume the session: a secret. */
  readonly password: Uint8Array;
  /** Negotiated, milliseconds. */
  readonly timeoutMs: number;
}

/** What a client says first. */
export interface Handshake {
  readonly lastZxidSeen: Zxid;
  /** Asked for, milliseconds. */
  readonly timeoutMs: number;
  /** The session to resume; undefined for a new one. */
  readonly session: NativeSession | undefined;
  /** A server without a quorum will do. */
  readonly canBeReadOnly: boolean;
}

/** What a server says first. */
export interface HandshakeAnswer {
  /** Undefined: the session is over. */
  readonly session: NativeSession | undefined;
  readonly isReadOnly: boolean;
}

const PASSWORD_BYTES = 16;

/** Encodes a handshake as a frame: the client's side of `connect.ts`. */
export function encodeHandshake(archive: OutputArchive, handshake: Handshake): void {
  const { lastZxidSeen, timeoutMs, session, canBeReadOnly } = handshake;
  archive.startFrame();
  archive.int(0);
  archive.long(lastZxidSeen);
  archive.int(timeoutMs);
  archive.bigLong(session?.id ?? 0n);
  archive.buffer(session?.password ?? new Uint8Array(PASSWORD_BYTES));
  archive.bool(canBeReadOnly);
  archive.endFrame();
}

/**
 * Decodes the answer to a handshake; undefined for a frame that is none.
 *
 * A timeout of 0 says that the session is over; servers older than 3.4 send no read-only flag.
 * Source: ZooKeeper `ClientCnxn.SendThread.readConnectResult`.
 */
export function decodeHandshakeAnswer(frame: Uint8Array): HandshakeAnswer | undefined {
  const archive = new InputArchive(frame);
  archive.int();
  const timeoutMs = archive.int();
  const id = archive.bigLong();
  const password = archive.buffer() ?? new Uint8Array(0);
  if (archive.fault !== undefined) return undefined;
  const isReadOnly = archive.remaining > 0 && archive.bool();
  const session = timeoutMs <= 0 ? undefined : { id, password, timeoutMs };
  return { session, isReadOnly };
}
