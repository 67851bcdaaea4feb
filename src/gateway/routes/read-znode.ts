import { LIMITS } from "../../core/limits.ts";
import { type Zxid, parseZxid } from "../../core/zxid.ts";
import { encodeReplyBody } from "../../protocol/json/encode.ts";
import { negotiate } from "../accept.ts";
import { formatAclEtag, formatEtag, isNoneMatch } from "../etag.ts";
import { pollWatch } from "../long-poll.ts";
import { quote, znodePathOf, znodeUrl } from "../path.ts";
import { badRequest } from "../problem.ts";
import { type AnswerInit, answerHeaders, jsonResponse, statHeaders } from "../response.ts";
import type { Call } from "../route.ts";
import { ask } from "../shard-client.ts";
import { streamWatch } from "../sse.ts";
import type { WatchAsk, WatchKind } from "../watch.ts";

/** The query of a GET. */
export interface GetFlags {
  readonly children?: true | undefined;
  readonly limit?: number | undefined;
  readonly after?: string | undefined;
  readonly stat?: true | undefined;
  readonly data?: true | undefined;
  readonly acl?: true | undefined;
  readonly watch?: WatchKind | undefined;
  readonly wait?: number | undefined;
  readonly since?: Zxid | undefined;
}

/** What a GET shows, and the flags that may stand beside the one that asks for it. */
const VIEWS = {
  children: ["limit", "after", "stat", "data"],
  acl: [],
  wait: ["watch", "since"],
  watch: ["since"],
} as const satisfies Partial<Record<keyof GetFlags, readonly (keyof GetFlags)[]>>;

type View = keyof typeof VIEWS | "data";

/** GET and HEAD: the data, or the view that a flag asks for. */
export function getZnode(call: Call<GetFlags>): Promise<Response> {
  switch (viewOf(call.query)) {
    case "children":
      return getChildren(call);
    case "acl":
      return getAcl(call);
    case "wait":
      refuseHead(call);
      return pollWatch(call, watchAskOf(call), call.query.wait ?? 0);
    case "watch":
      refuseHead(call);
      return streamWatch(call, watchAskOf(call));
    case "data":
      return call.request.method === "HEAD" ? exists(call) : getData(call);
  }
}

/** @throws HttpProblem 400 for flags that don't belong together, by name. */
function viewOf(query: GetFlags): View {
  const names = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : name));
  const view = (["children", "acl", "wait", "watch"] as const).find((one) => names.includes(one));
  const allowed: readonly string[] = view === undefined ? [] : [view, ...VIEWS[view]];
  const stranger = names.find((name) => !allowed.includes(name));
  if (stranger === undefined) return view ?? "data";
  const beside =
    view === undefined ? "needs another flag that it belongs to" : `can't stand beside ${view}`;
  throw badRequest(`query flag ${stranger} ${beside}`);
}

async function getData(call: Call): Promise<Response> {
  const path = znodePathOf(call.address, "name");
  const representation = negotiate(call.request);
  const { value, zxid } = await ask(call, { op: "getData", path, watch: false }, "getData");
  const etag = formatEtag(value.stat);
  const init: AnswerInit = { zxid, headers: { ETag: etag, ...statHeaders(value.stat) } };
  if (isNoneMatch(call.request, etag)) return notModified(init);
  if (representation === "json") return jsonResponse(encodeReplyBody(value), init);
  const headers = { ...answerHeaders(init), "Content-Type": "application/octet-stream" };
  return new Response(value.data ?? new Uint8Array(), { headers });
}

/** HEAD asks for no data; its headers are those of a GET. */
async function exists(call: Call): Promise<Response> {
  const path = znodePathOf(call.address, "name");
  const representation = negotiate(call.request);
  const { value, zxid } = await ask(call, { op: "exists", path, watch: false }, "exists");
  const { stat } = value;
  const etag = formatEtag(stat);
  const init: AnswerInit = { zxid, headers: { ETag: etag, ...statHeaders(stat) } };
  if (isNoneMatch(call.request, etag)) return notModified(init);
  const type = representation === "json" ? "application/json" : "application/octet-stream";
  const length = representation === "json" ? {} : { "Content-Length": `${stat.dataLength}` };
  const headers = { ...answerHeaders(init), "Content-Type": type, ...length };
  return new Response(null, { headers });
}

async function getChildren(call: Call<GetFlags>): Promise<Response> {
  const { limit, after, stat, data } = call.query;
  const path = znodePathOf(call.address, "name");
  const page = {
    after: after ?? "",
    limit: limit ?? LIMITS.CHILDREN_PAGE_MAX,
    stat: stat === true,
    data: data === true,
  };
  const request = { op: "getChildren2", path, watch: false, page } as const;
  const { value, zxid } = await ask(call, request, "getChildren");
  const last = value.children.at(-1)?.name;
  const link = value.more && last !== undefined ? { Link: nextLink(call, path, last) } : {};
  return jsonResponse(encodeReplyBody(value), {
    zxid,
    headers: { ...link, ...statHeaders(value.stat) },
  });
}

/** The URL of the page behind `last`. Source: RFC 8288. */
function nextLink(call: Call<GetFlags>, path: string, last: string): string {
  const { limit, stat, data } = call.query;
  const query = [
    "children",
    ...(limit === undefined ? [] : [`limit=${limit}`]),
    ...(stat === true ? ["stat"] : []),
    ...(data === true ? ["data"] : []),
    `after=${encodeURIComponent(last)}`,
  ];
  return `<${znodeUrl(call.address, path)}?${query.join("&")}>; rel="next"`;
}

async function getAcl(call: Call): Promise<Response> {
  const path = znodePathOf(call.address, "name");
  const { value, zxid } = await ask(call, { op: "getACL", path }, "getACL");
  const etag = formatAclEtag(value.stat);
  const init: AnswerInit = { zxid, headers: { ETag: etag, ...statHeaders(value.stat) } };
  if (isNoneMatch(call.request, etag)) return notModified(init);
  return jsonResponse(encodeReplyBody(value), init);
}

function notModified(init: AnswerInit): Response {
  return new Response(null, { status: 304, headers: answerHeaders(init) });
}

/** `Last-Event-ID` is what a browser resumes with: it is newer than the URL's `since`. */
function watchAskOf(call: Call<GetFlags>): WatchAsk {
  const path = znodePathOf(call.address, "name");
  const kind = call.query.watch ?? "data";
  const lastEventId = call.request.headers.get("Last-Event-ID");
  const since = lastEventId === null ? call.query.since : parseZxid(lastEventId);
  if (since !== undefined) return { path, kind, since, isResumed: lastEventId !== null };
  if (lastEventId === null) return { path, kind };
  throw badRequest(`Last-Event-ID: expected a zxid like 0x1a, got ${quote(lastEventId)}`);
}

function refuseHead({ request }: Call): void {
  if (request.method === "HEAD") throw badRequest("HEAD takes no watch and no wait: use GET");
}
