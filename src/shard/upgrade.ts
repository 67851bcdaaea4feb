import type { Identity } from "../core/identity.ts";
import { SUBPROTOCOLS } from "../protocol/codecs.ts";
import { NATIVE_SUBPROTOCOL } from "../protocol/jute/native-codec.ts";
import type { RunningShard } from "./running-shard.ts";
import { CONSISTENCY_HEADER, IDENTITY_HEADER } from "./shard-api.ts";

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
  const offered = request.headers.get("Sec-WebSocket-Protocol")?.split(/, */) ?? [];
  const subprotocol = SUBPROTOCOLS.find((one) => offered.includes(one)) ?? "";
  // What is served next to a client of ZooKeeper's is what ZooKeeper promises.
  const isLocal =
    subprotocol === NATIVE_SUBPROTOCOL || request.headers.get(CONSISTENCY_HEADER) === "local";
  const consistency = isLocal ? "local" : "linearizable";
  shard.accept(server, JSON.parse(identity) as Identity, { subprotocol, consistency });
  const headers: HeadersInit = subprotocol === "" ? {} : { "Sec-WebSocket-Protocol": subprotocol };
  return new Response(null, { status: 101, webSocket: client, headers });
}
