import type { Failure } from "../../core/keeper-error.ts";
import type { Request } from "../../core/request.ts";

/** A request as it came, with what its answer has to repeat or depends on. */
export interface DecodedRequest {
  readonly kind: "request";
  readonly xid: number;
  /** One of {@link OpCode}; several share one core request and differ in their answers. */
  readonly type: number;
  readonly request: Request;
}

/**
 * Decided by the codec, and still answered at its place in the order of the connection, which
 * stays open.
 */
export interface DecodedRefusal {
  readonly kind: "refused";
  readonly xid: number;
  readonly type: number;
  readonly failure: Failure;
  /** Logged as an error txn, so that the answer has a zxid of its own. */
  readonly takesZxid: boolean;
}

/** No operation that a client may ask for: answered, in order, and then the connection is closed. */
export interface DecodedUnimplemented {
  readonly kind: "unimplemented";
  readonly xid: number;
  readonly type: number;
}

/** Not to be answered: the connection is closed behind the answers to what came before. */
export interface DecodedFatal {
  readonly kind: "fatal";
  readonly reason: string;
}

/** What one frame of a client behind its handshake comes to. */
export type DecodedFrame = DecodedRequest | DecodedRefusal | DecodedUnimplemented | DecodedFatal;
