import type { Failure } from "../../core/keeper-error.ts";
import type { PingRequest, Request } from "../../core/request.ts";

/**
 * What one frame of a client behind its handshake comes to.
 *
 * Every kind has a request for the server, so that all answers have their places in one order: what
 * the codec decides by itself is asked for as a request that changes nothing, and answered with what
 * was decided, whatever the server says [JU25].
 */
export type DecodedFrame = DecodedRequest | DecodedRefusal | DecodedUnimplemented | DecodedFatal;

/** A request as it came, with what its answer has to repeat or depends on. */
export interface DecodedRequest {
  readonly kind: "request";
  readonly xid: number;
  /** One of {@link OpCode}; several share one core request and differ in their answers. */
  readonly type: number;
  readonly request: Request;
}

/** Refused by the codec; the connection goes on. */
export interface DecodedRefusal {
  readonly kind: "refused";
  readonly xid: number;
  readonly type: number;
  readonly failure: Failure;
  /** A ping, or what takes a zxid and fails, where ZooKeeper logs the refusal. */
  readonly request: Request;
}

/** No operation that a client may ask for: answered, and then the connection is closed. */
export interface DecodedUnimplemented {
  readonly kind: "unimplemented";
  readonly xid: number;
  readonly request: PingRequest;
}

/** Not answered: the connection is closed behind the answers to what came before. */
export interface DecodedFatal {
  readonly kind: "fatal";
  readonly xid: number;
  readonly reason: string;
  readonly request: PingRequest;
}

/** Holds a place among the requests and does nothing. */
const PLACE: PingRequest = { op: "ping" };

/** Holds a place and takes a zxid: no path is without a slash, so that it fails in any tree. */
const PLACE_WITH_ZXID: Request = { op: "delete", path: "", version: -1 };

/** Builds a refusal; with `takesZxid` ZooKeeper would log it as an error txn [JU23]. */
export function refused(
  { xid, type }: { readonly xid: number; readonly type: number },
  failure: Failure,
  takesZxid: boolean,
): DecodedRefusal {
  const request = takesZxid ? PLACE_WITH_ZXID : PLACE;
  return { kind: "refused", xid, type, failure, request };
}

/** Builds what an operation that is none for clients comes to. */
export function unimplemented(xid: number): DecodedUnimplemented {
  return { kind: "unimplemented", xid, request: PLACE };
}

/** Builds what ends a connection without an answer. */
export function fatal(reason: string): DecodedFatal {
  return { kind: "fatal", xid: 0, reason, request: PLACE };
}
