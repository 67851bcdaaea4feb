import type { Identity } from "../core/identity.ts";
import { CONSISTENCY_HEADER, IDENTITY_HEADER } from "../shard/shard-api.ts";

/**
 * Makes the request that opens a WebSocket to a shard: built anew, so that nothing of what a client
 * sent travels on, least of all an identity of its own making.
 */
export function shardUpgrade(
  identity: Identity,
  subprotocol: string,
  consistency?: "local",
): Request {
  return new Request("https://shard/ws", {
    headers: {
      Upgrade: "websocket",
      "Sec-WebSocket-Protocol": subprotocol,
      [IDENTITY_HEADER]: JSON.stringify(identity),
      ...(consistency !== undefined && { [CONSISTENCY_HEADER]: consistency }),
    },
  });
}
