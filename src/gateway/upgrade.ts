import type { Identity } from "../core/identity.ts";
import { Code } from "../core/keeper-error.ts";
import { CONSISTENCY_HEADER, IDENTITY_HEADER, type ShardApi } from "../shard/shard-api.ts";
import { HttpProblem } from "./problem.ts";
import { reach } from "./shard-client.ts";

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

/**
 * Opens a WebSocket to a shard, to be passed on as it is: a socket that was accepted on the way could
 * not hibernate. Source: Cloudflare "Use WebSockets", hibernation.
 *
 * @returns the shard's 101.
 * @throws HttpProblem 503 if the shard takes no connections.
 */
export async function openShardSocket(shard: ShardApi, upgrade: Request): Promise<Response> {
  const response = await reach(() => shard.fetch(upgrade));
  if (response.status === 101) return response;
  throw new HttpProblem(Code.CONNECTIONLOSS, "the shard takes no connections now");
}
