import { Code, isFailure, type Outcome } from "../../core/keeper-error.ts";
import type { ConnectedSession } from "../../core/session.ts";
import type { Zxid } from "../../core/zxid.ts";
import { InputArchive } from "./input-archive.ts";
import type { OutputArchive } from "./output-archive.ts";

/** The handshake of a client: the first frame of a connection. */
export interface ConnectRequest {
  /** The last zxid that the client saw; whoever is behind it must not answer. */
  readonly lastZxidSeen: Zxid;
  /** Asked for, not negotiated yet. */
  readonly timeoutMs: number;
  /** The session to resume; 0 for a new one. Ids that are not ours stay ids that are unknown. */
  readonly sessionId: number;
  /** Empty if the client sent null, so that it is the password of no session. */
  readonly password: Uint8Array;
  /** Old clients and go-zk send no read-only flag, and are not answered one. */
  readonly hasReadOnlyFlag: boolean;
  /** A server without a quorum will do. */
  readonly canBeReadOnly: boolean;
}

const NO_BYTES = new Uint8Array(0);
const PASSWORD_BYTES = 16;

/** Decodes a handshake; undefined for a frame that is none, whose connection is closed. */
export function decodeConnectRequest(frame: Uint8Array): ConnectRequest | undefined {
  const archive = new InputArchive(frame);
  // The version of the protocol: 0, and never looked at.
  archive.int();
  const lastZxidSeen = archive.long();
  const timeoutMs = archive.int();
  const sessionId = archive.long();
  const password = archive.buffer() ?? NO_BYTES;
  if (archive.fault !== undefined) return undefined;
  const hasReadOnlyFlag = archive.remaining > 0;
  const canBeReadOnly = hasReadOnlyFlag && archive.bool();
  return { lastZxidSeen, timeoutMs, sessionId, password, hasReadOnlyFlag, canBeReadOnly };
}

/**
 * Encodes the answer to a handshake as a frame.
 *
 * A session that is over, unknown or not proven is answered with zeros in every field, because
 * clients look at different ones [JU18]. Other refusals are not answered at all: the client goes
 * to its next server [JU19].
 *
 * @returns whether anything was written; the connection is closed behind a failure in any case.
 */
export function encodeConnectResponse(
  archive: OutputArchive,
  { hasReadOnlyFlag }: Pick<ConnectRequest, "hasReadOnlyFlag">,
  outcome: Outcome<ConnectedSession>,
): boolean {
  if (isFailure(outcome) && outcome.code !== Code.SESSIONEXPIRED) return false;
  const {
    timeoutMs,
    id,
    password,
    isReadOnly = false,
  } = isFailure(outcome)
    ? { timeoutMs: 0, id: 0, password: new Uint8Array(PASSWORD_BYTES) }
    : outcome;
  archive.startFrame();
  archive.int(0);
  archive.int(timeoutMs);
  archive.long(id);
  archive.buffer(password);
  if (hasReadOnlyFlag) archive.bool(isReadOnly);
  archive.endFrame();
  return true;
}
