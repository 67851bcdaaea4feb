import type { Identity } from "../core/identity.ts";
import type { RunningShard } from "./running-shard.ts";
import { IDENTITY_HEADER } from "./shard-api.ts";

/** The subprotocol of the JSON messages. */
const JSON_SUBPROTOCOL = "edgekeeper.json";

/**
 * Turns a request of the gateway into a hibernating WebSocket. Only the gateway can send one: the
 * identity in its header was established there.
 */
export function upgrade(shard: RunningShard, request: Request): Response {
  const identity = request.headers.get(IDENTITY_HEADER);
  if (request.headers.get("Upgrade") !== "websocket" || identity === null) {
    return new Response(`expected a WebSocket upgrade with ${IDENTITY_HEADER}`, { status: 426 });
  }
  const { 0: client, 1: server } = new WebSocketPair();
  shard.accept(server, JSON.parse(identity) as Identity);
  const offered = request.headers.get("Sec-WebSocket-Protocol")?.split(/, */) ?? [];
  const isOffered = offered.includes(JSON_SUBPROTOCOL);
  const headers = isOffered ? { "Sec-WebSocket-Protocol": JSON_SUBPROTOCOL } : {};
  return new Response(null, { status: 101, webSocket: client, headers });
}
