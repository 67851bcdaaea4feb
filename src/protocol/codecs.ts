import type { Limits } from "../core/limits.ts";
import type { ConnectionCodec } from "./connection-codec.ts";
import { JSON_SUBPROTOCOL, JsonCodec } from "./json/json-codec.ts";
import { NATIVE_SUBPROTOCOL, NativeCodec } from "./jute/native-codec.ts";

/** The subprotocols of WebSockets, the preferred one first. */
export const SUBPROTOCOLS: readonly string[] = [JSON_SUBPROTOCOL, NATIVE_SUBPROTOCOL];

/**
 * Makes the codec of a connection.
 *
 * @param subprotocol - one of {@link SUBPROTOCOLS}; whatever else means JSON.
 * @param hasSession - whether the connection has its session already, from before a sleep.
 */
export function codecOf(subprotocol: string, limits: Limits, hasSession: boolean): ConnectionCodec {
  return subprotocol === NATIVE_SUBPROTOCOL ? new NativeCodec(hasSession) : new JsonCodec(limits);
}
