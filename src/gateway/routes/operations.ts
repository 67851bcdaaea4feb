import { z } from "@hono/zod-openapi";
import { formatZxid } from "../../core/zxid.ts";
import { formatMetrics } from "../metrics.ts";
import { answerHeaders, jsonResponse } from "../response.ts";
import { type Call, defineRoute, type Route } from "../route.ts";
import { statusSchema } from "../schemas.ts";
import { reach } from "../shard-client.ts";

const NO_QUERY = z.object({});
const TAG = "Operations";

/** What an operator asks: whether it lives, and what it does. */
export const OPERATION_ROUTES: readonly Route[] = [
  defineRoute({
    method: "GET",
    path: "/healthz",
    access: "public",
    tag: TAG,
    summary: "Ask whether the service answers",
    description: "Asks no shard and names nothing.",
    query: NO_QUERY,
    answers: { 200: { description: "`ok`", type: "text/plain" } },
    handle: () =>
      new Response("ok\n", {
        headers: { "Content-Type": "text/plain; charset=utf-8", "Cache-Control": "no-store" },
      }),
  }),
  defineRoute({
    method: "GET",
    path: "/metrics",
    access: "admin",
    tag: TAG,
    summary: "Read the metrics of a namespace",
    description: "Prometheus text, under ZooKeeper's names where it has the number.",
    query: NO_QUERY,
    answers: { 200: { description: "metrics", type: "text/plain" } },
    handle: getMetrics,
  }),
  defineRoute({
    method: "GET",
    path: "/status",
    access: "admin",
    tag: TAG,
    summary: "Read the status of a namespace",
    description: "The same numbers as JSON.",
    query: NO_QUERY,
    answers: { 200: { description: "status", schema: statusSchema } },
    handle: getStatus,
  }),
];

async function getMetrics({ shard, address }: Call): Promise<Response> {
  const status = await reach(() => shard.status());
  return new Response(formatMetrics(address.namespace, status), {
    headers: {
      ...answerHeaders({ zxid: status.zxid }),
      "Content-Type": "text/plain; version=0.0.4; charset=utf-8",
    },
  });
}

async function getStatus({ shard }: Call): Promise<Response> {
  const data = await reach(() => shard.status());
  const view: z.output<typeof statusSchema> = {
    zxid: formatZxid(data.zxid),
    checkpointZxid: formatZxid(data.checkpointZxid),
    znodes: data.znodes,
    ephemerals: data.ephemerals,
    sessions: data.sessions,
    connections: data.connections,
    watches: data.watches,
    outstandingRequests: data.outstandingRequests,
    dirtyNodes: data.dirtyNodes,
    dirtyBytes: data.dirtyBytes,
    cacheBytes: data.cacheBytes,
    counters: data.counters,
  };
  return jsonResponse(JSON.stringify(view), { zxid: data.zxid });
}
