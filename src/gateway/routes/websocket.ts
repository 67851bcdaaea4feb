import { z } from "@hono/zod-openapi";
import { SUBPROTOCOLS } from "../../protocol/codecs.ts";
import { JSON_SUBPROTOCOL } from "../../protocol/json/json-codec.ts";
import { NATIVE_SUBPROTOCOL } from "../../protocol/jute/native-codec.ts";
import { badRequest } from "../problem.ts";
import { defineRoute, type Route, type Call } from "../route.ts";
import { offeredSubprotocols } from "../subprotocols.ts";
import { openShardSocket, shardUpgrade } from "../upgrade.ts";

type WebSocketCall = Call<{ readonly consistency?: "local" | undefined }>;

/** `/ws`: a connection to the shard. */
export const WEBSOCKET_ROUTES: readonly Route[] = [
  defineRoute({
    method: "GET",
    path: "/ws",
    access: "read",
    tag: "Connections",
    summary: "Open a WebSocket",
    description:
      `Offer the subprotocol \`${JSON_SUBPROTOCOL}\`, or \`${NATIVE_SUBPROTOCOL}\` for the frames ` +
      "of ZooKeeper's own protocol in binary messages. Browsers, which can't set headers, pass the " +
      "token as a further one: `edgekeeper.bearer.<base64url of the token>`.",
    query: z.object({
      consistency: z.enum(["local"]).optional().openapi({
        description: "of an ensemble: be served by a near member, whose reads may lag behind",
      }),
    }),
    headers: [
      { name: "Upgrade", description: "`websocket`", example: "websocket" },
      { name: "Sec-WebSocket-Protocol", description: "subprotocols", example: JSON_SUBPROTOCOL },
    ],
    answers: {
      101: { description: "connected" },
      426: { description: "no upgrade was asked for" },
    },
    handle: openWebSocket,
  }),
];

async function openWebSocket(call: WebSocketCall): Promise<Response> {
  const { request } = call;
  if (request.headers.get("Upgrade")?.toLowerCase() !== "websocket") {
    throw badRequest("expected an upgrade to websocket", {
      status: 426,
      headers: { Upgrade: "websocket", Connection: "Upgrade" },
    });
  }
  if (call.auth.length > 0) {
    throw badRequest("ZooKeeper-Auth is for requests: send the op auth over the WebSocket");
  }
  const offered = offeredSubprotocols(request);
  const served = SUBPROTOCOLS.find((one) => offered.includes(one));
  if (served !== undefined) {
    const upgrade = shardUpgrade(call.identity, served, call.query.consistency);
    return openShardSocket(call.shard, upgrade);
  }
  throw badRequest(
    `Sec-WebSocket-Protocol: expected ${JSON_SUBPROTOCOL} or ${NATIVE_SUBPROTOCOL} among the offers`,
  );
}
