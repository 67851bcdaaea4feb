import { z } from "@hono/zod-openapi";
import type { ReconfigRequest } from "../../core/request.ts";
import { REGIONS } from "../../zab/ensemble-text.ts";
import { readJson } from "../body.ts";
import { badRequest } from "../problem.ts";
import { IDEMPOTENCY_HEADER } from "../request-headers.ts";
import { jsonResponse } from "../response.ts";
import { type Call, defineRoute, type Route } from "../route.ts";
import { configurationSchema, reconfigBodySchema } from "../schemas.ts";
import { ask } from "../shard-client.ts";

type Body = z.output<typeof reconfigBodySchema>;
type Named = NonNullable<Body["members"]>[number];

const BODY_LIMIT = { name: "body of this request, bytes,", bytes: 65_536 };

/** `/ensemble/reconfig`: who votes from now on. */
export const RECONFIG_ROUTES: readonly Route[] = [
  defineRoute({
    method: "POST",
    path: "/ensemble/reconfig",
    access: "admin",
    tag: "Ensembles",
    summary: "Change the members of the ensemble",
    description:
      "Lets members join and leave, or names all of them, as ZooKeeper's `reconfig`. A new member " +
      "is made in its region; while no majority of the new members is in sync the answer is 503, " +
      "and they catch up: ask again. An admin needs no right to `/zookeeper/config`.",
    query: z.object({}),
    headers: [IDEMPOTENCY_HEADER],
    body: { type: "application/json", schema: reconfigBodySchema },
    answers: {
      200: { description: "the configuration from now on", schema: configurationSchema },
      404: { description: "the namespace is one object" },
      409: { description: "another reconfiguration is under way" },
      412: { description: "the configuration is of another version" },
      503: { description: "no majority of the new members is in sync yet" },
    },
    handle: reconfigure,
  }),
];

async function reconfigure(call: Call): Promise<Response> {
  if (call.config.ensemble === undefined) {
    throw badRequest("ENSEMBLE isn't set: a namespace is one object here", { status: 404 });
  }
  const parsed = reconfigBodySchema.safeParse(await readJson(call.request, BODY_LIMIT));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw badRequest(`body: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? "is malformed"}`);
  }
  const { value, ...answered } = await ask(asSuper(call), requestOf(parsed.data), "reconfig");
  const version = value.stat.mzxid.toString(16);
  const configuration = value.data === null ? "" : new TextDecoder().decode(value.data);
  return jsonResponse(JSON.stringify({ version, configuration }), answered);
}

/** The role was checked at the door; the ACL of `/zookeeper/config` is for clients of ZooKeeper's. */
function asSuper(call: Call): Call {
  const { identity } = call;
  return {
    ...call,
    identity: { ...identity, ids: [...identity.ids, { scheme: "super", id: "" }] },
  };
}

function requestOf({ joining, leaving, members, version }: Body): ReconfigRequest {
  return {
    op: "reconfig",
    joiningServers: joining === undefined ? null : textOf(joining),
    leavingServers: leaving === undefined ? null : leaving.join(","),
    newMembers: members === undefined ? null : textOf(members),
    curConfigId: version === undefined ? -1 : Number.parseInt(version, 16),
  };
}

/** As ZooKeeper writes it; a region stands for the host. */
function textOf(members: readonly Named[]): string {
  return members
    .map(({ id, region = "any", type }) => {
      if (region === "any" || REGIONS.includes(region)) {
        return `server.${id}=${region}:2888:3888:${type}`;
      }
      throw badRequest(`region: expected one of ${REGIONS.join(", ")}, got ${region.slice(0, 40)}`);
    })
    .join(",");
}
