import { z } from "@hono/zod-openapi";
import { Code } from "../../core/keeper-error.ts";
import {
  formatSessionId,
  formatSessionToken,
  parseSessionId,
} from "../../protocol/session-token.ts";
import { isJsonObject } from "../../protocol/json/json-value.ts";
import type { SessionCall, SessionView } from "../../shard/shard-api.ts";
import { checkRole } from "../auth.ts";
import { readJson, refuseBody } from "../body.ts";
import { quote } from "../path.ts";
import { badRequest, HttpProblem } from "../problem.ts";
import { refuseIdempotencyKey, sessionOf } from "../request-headers.ts";
import { answerHeaders, jsonResponse } from "../response.ts";
import { type Call, defineRoute, type HeaderParameter, type Route } from "../route.ts";
import { sessionBodySchema, sessionSchema } from "../schemas.ts";
import { type Answered, settle } from "../shard-client.ts";

/** What a session gets that did not ask, milliseconds. */
const TIMEOUT_MS_DEFAULT = 30_000;

const BODY_LIMIT = { name: "body of this request, bytes,", bytes: 1_024 };
const NO_QUERY = z.object({});
const TAG = "Sessions";
const ID_PATH = "/sessions/{id}";

const TOKEN: HeaderParameter = {
  name: "Session",
  description: "its token; an admin needs none",
  example: "1f.q83vEjRWeJCrze8SNFZ4kA",
};

/** `/sessions`: sessions that no connection serves, kept alive by requests. */
export const SESSION_ROUTES: readonly Route[] = [
  defineRoute({
    method: "POST",
    path: "/sessions",
    access: "write",
    tag: TAG,
    summary: "Open a session",
    description:
      "Answers its token, once. It lives until it is closed, or nobody has kept it alive for " +
      "its timeout; its ephemerals go with it.",
    query: NO_QUERY,
    body: { type: "application/json", schema: sessionBodySchema },
    answers: { 201: { description: "opened", schema: sessionSchema } },
    handle: openSession,
  }),
  defineRoute({
    method: "PUT",
    path: ID_PATH,
    access: "write",
    tag: TAG,
    summary: "Keep a session alive",
    description: "Any request that shows the token does so too.",
    query: NO_QUERY,
    headers: [TOKEN],
    answers: { 200: { description: "kept alive", schema: sessionSchema } },
    handle: keepSession,
  }),
  defineRoute({
    method: "GET",
    path: ID_PATH,
    access: "write",
    tag: TAG,
    summary: "Look at a session",
    description: "Doesn't keep it alive.",
    query: NO_QUERY,
    headers: [TOKEN],
    answers: { 200: { description: "as it is", schema: sessionSchema } },
    handle: describeSession,
  }),
  defineRoute({
    method: "DELETE",
    path: ID_PATH,
    access: "write",
    tag: TAG,
    summary: "Close a session",
    description: "Deletes its ephemerals, all in one transaction.",
    query: NO_QUERY,
    headers: [TOKEN],
    answers: { 204: { description: "closed" } },
    handle: closeSession,
  }),
];

async function openSession(call: Call): Promise<Response> {
  refuseIdempotencyKey(call.request);
  const hasBody = call.request.body !== null && call.request.headers.get("Content-Length") !== "0";
  const body = hasBody ? await readJson(call.request, BODY_LIMIT) : {};
  const timeoutMs = timeoutOf(body);
  const { identity } = call;
  const opened = await settle(() => call.shard.openSession({ identity, timeoutMs }));
  return sessionResponse(opened, {
    status: 201,
    headers: { Location: `${call.address.prefix}/sessions/${formatSessionId(opened.value.id)}` },
  });
}

async function keepSession(call: Call): Promise<Response> {
  const session = sessionCallOf(call);
  return sessionResponse(await settle(() => call.shard.keepSession(session)));
}

async function describeSession(call: Call): Promise<Response> {
  const session = sessionCallOf(call);
  return sessionResponse(await settle(() => call.shard.describeSession(session)));
}

async function closeSession(call: Call): Promise<Response> {
  await refuseBody(call.request);
  const session = sessionCallOf(call);
  const { zxid } = await settle(() => call.shard.closeSession(session));
  const headers = { ...answerHeaders({ zxid }), "Cache-Control": "no-store" };
  return new Response(null, { status: 204, headers });
}

/** Any number is negotiated, however absurd; what is no number is refused. */
function timeoutOf(body: unknown): number {
  if (isJsonObject(body)) {
    const { timeout = TIMEOUT_MS_DEFAULT, ...strangers } = body;
    if (typeof timeout === "number" && Object.keys(strangers).length === 0) return timeout;
  }
  throw new HttpProblem(Code.MARSHALLINGERROR, 'body: expected {"timeout": <milliseconds>}');
}

/**
 * Whose session is meant, and by what right: its token, or the role of an admin.
 *
 * @throws HttpProblem 400 if the token is another session's, 403 without token and role.
 */
function sessionCallOf({ request, address, identity }: Call): SessionCall {
  refuseIdempotencyKey(request);
  const idText = address.route.slice("/sessions/".length);
  const id = parseSessionId(idText);
  if (id === undefined) throw badRequest(`session id: expected hex, got ${quote(idText)}`);
  const token = sessionOf(request);
  if (token === undefined) {
    checkRole(identity, "admin");
    return { identity, id };
  }
  if (token.id !== id) throw badRequest("header Session is the token of another session");
  return { identity, id, password: token.password };
}

function sessionResponse(
  { value, zxid }: Answered<SessionView>,
  init: { readonly status?: number; readonly headers?: Record<string, string> } = {},
): Response {
  const { id, password, timeoutMs, expiresInMs, isConnected, ephemerals } = value;
  const view = {
    id: formatSessionId(id),
    ...(password !== undefined && { token: formatSessionToken({ id, password }) }),
    timeout: timeoutMs,
    expiresIn: expiresInMs,
    connected: isConnected,
    ephemerals,
  };
  const headers = { "Cache-Control": "no-store", ...init.headers };
  return jsonResponse(JSON.stringify(view), { ...init, zxid, headers });
}
