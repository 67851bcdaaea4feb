import { LIMITS } from "../../core/limits.ts";
import type { SetDataRequest } from "../../core/request.ts";
import type { Stat } from "../../core/stat.ts";
import { encodeReplyBody } from "../../protocol/json/encode.ts";
import { isJsonObject } from "../../protocol/json/json-value.ts";
import { parseAclJson } from "../../protocol/json/values.ts";
import { type BodyLimit, readBytes, readJson, refuseBody } from "../body.ts";
import { formatAclEtag, formatEtag, parseAclIfMatch, parseIfMatch } from "../etag.ts";
import { znodePathOf, znodeUrl } from "../path.ts";
import { badRequest } from "../problem.ts";
import { answerHeaders, jsonResponse } from "../response.ts";
import type { Call } from "../route.ts";
import { ask } from "../shard-client.ts";
import { type CreateFlags, createRequestOf } from "./create-flags.ts";

/** The query of a PUT. */
export interface PutFlags extends CreateFlags {
  readonly upsert?: true | undefined;
  readonly acl?: true | undefined;
}

const DATA_LIMIT: BodyLimit = { name: "DATA_BYTES_MAX", bytes: LIMITS.DATA_BYTES_MAX };
const ANY_VERSION = -1;

/** PUT: creates; with `If-Match` sets, with `?upsert` does what is needed, with `?acl` the ACL. */
export function putZnode(call: Call<PutFlags>): Promise<Response> {
  const { request, query } = call;
  if (request.headers.has("If-None-Match")) {
    throw badRequest("If-None-Match is for reads: a PUT without If-Match creates or fails anyway");
  }
  if (query.acl === true) return setAcl(call);
  if (query.upsert === true) return upsert(call);
  if (request.headers.has("If-Match")) return setData(call);
  return create(call, query);
}

/** POST: creates a sequential znode. */
export function postZnode(call: Call<CreateFlags>): Promise<Response> {
  if (call.request.headers.has("If-Match")) {
    throw badRequest("If-Match is for changes of what exists: a POST creates");
  }
  return create(call, { ...call.query, seq: true });
}

/** DELETE: one znode, or with `?recursive` everything below it too. */
export async function deleteZnode(
  call: Call<{ readonly recursive?: true | undefined }>,
): Promise<Response> {
  await refuseBody(call.request);
  const path = znodePathOf(call.address, "name");
  const op = call.query.recursive === true ? "deleteRecursive" : "delete";
  const precondition = parseIfMatch(call.request) ?? { version: ANY_VERSION };
  const { zxid, isReplayed } = await ask(call, { op, path, ...precondition }, "delete");
  return new Response(null, { status: 204, headers: answerHeaders({ zxid, isReplayed }) });
}

async function create(call: Call, flags: CreateFlags): Promise<Response> {
  const path = znodePathOf(call.address, flags.seq === true ? "slash-or-name" : "name");
  const data = await readBytes(call.request, DATA_LIMIT);
  const request = createRequestOf(call.request, flags, { path, data });
  const { zxid, value, isReplayed } = await ask(call, request, "create");
  return jsonResponse(encodeReplyBody(value), {
    status: 201,
    zxid,
    isReplayed,
    headers: createdHeaders(call, value),
  });
}

async function setData(call: Call<PutFlags>): Promise<Response> {
  refuseBeside(call, { what: "If-Match", allowed: [] });
  const precondition = parseIfMatch(call.request) ?? { version: ANY_VERSION };
  return sendSetData(call, (path, data) => ({ op: "setData", path, data, ...precondition }));
}

async function upsert(call: Call<PutFlags>): Promise<Response> {
  if (call.request.headers.has("If-Match")) {
    throw badRequest("?upsert takes no If-Match: it creates what doesn't exist");
  }
  if (call.query.seq === true) throw badRequest("query flags upsert and seq exclude each other");
  return sendSetData(call, (path, data) => ({
    op: "setData",
    path,
    data,
    version: ANY_VERSION,
    orCreate: createRequestOf(call.request, call.query, { path, data }),
  }));
}

async function sendSetData(
  call: Call,
  build: (path: string, data: Uint8Array) => SetDataRequest,
): Promise<Response> {
  const path = znodePathOf(call.address, "name");
  const data = await readBytes(call.request, DATA_LIMIT);
  const { zxid, value, isReplayed } = await ask(call, build(path, data), "setData");
  return jsonResponse(encodeReplyBody(value), {
    status: value.created ? 201 : 200,
    zxid,
    isReplayed,
    headers: value.created ? createdHeaders(call, value) : { ETag: formatEtag(value.stat) },
  });
}

async function setAcl(call: Call<PutFlags>): Promise<Response> {
  refuseBeside(call, { what: "?acl", allowed: ["acl"] });
  const path = znodePathOf(call.address, "name");
  const { version } = parseAclIfMatch(call.request) ?? { version: ANY_VERSION };
  const body = await readJson(call.request, DATA_LIMIT);
  const acl = isJsonObject(body) ? parseAclJson(body["acl"]) : undefined;
  if (acl === undefined || Object.keys(body as object).length !== 1) {
    throw badRequest(
      'body: expected {"acl":[{"scheme","id","perms"},…]}, perms of the letters cdrwa',
    );
  }
  const sent = await ask(call, { op: "setACL", path, acl, version }, "setACL");
  const { value, ...init } = sent;
  return jsonResponse(encodeReplyBody(value), {
    ...init,
    headers: { ETag: formatAclEtag(value.stat) },
  });
}

function createdHeaders(
  call: Call,
  { path, stat }: { readonly path: string; readonly stat: Stat },
): Record<string, string> {
  return { Location: znodeUrl(call.address, path), ETag: formatEtag(stat) };
}

/** @throws HttpProblem 400 for a flag or header of creates where nothing is created. */
function refuseBeside(
  { request, query }: Call<PutFlags>,
  { what, allowed }: { readonly what: string; readonly allowed: readonly string[] },
): void {
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || allowed.includes(name)) continue;
    throw badRequest(`query flag ${name} can't stand beside ${what}: nothing is created`);
  }
  if (!request.headers.has("Acl")) return;
  throw badRequest(`header Acl can't stand beside ${what}: it is the ACL of a new znode`);
}
