import { findCodeName, isFailure } from "../../../src/core/keeper-error.ts";
import type {
  MultiCreate,
  MultiResult,
  MultiSetData,
  Reply,
  Request,
} from "../../../src/core/request.ts";
import { WatchedEventType } from "../../../src/core/watched-event.ts";
import { OPEN_ACL_UNSAFE, type ACL } from "../../../src/core/acl.ts";
import { CreateMode, createOpOf } from "../../../src/core/create-mode.ts";
import type { Effect } from "../../../src/server/effect.ts";

/** One line for what a client gets: `3 create /a @7`, `NodeCreated /a @7`, `close SESSIONMOVED`. */
export function describeEffect(effect: Effect): string {
  switch (effect.type) {
    case "reply": {
      const { xid, zxid, outcome, isReplayed } = effect;
      const text = isFailure(outcome) ? findCodeName(outcome.code) : describeReply(outcome);
      return `${xid} ${text} @${zxid}${isReplayed ? " replayed" : ""}`;
    }
    case "connected": {
      const { xid, zxid, outcome } = effect;
      return `${xid} ${isFailure(outcome) ? findCodeName(outcome.code) : "connected"} @${zxid}`;
    }
    case "event": {
      const { type, path, zxid } = effect.event;
      const name = Object.entries(WatchedEventType).find(([, number]) => number === type)?.[0];
      return `${name} ${path} @${zxid}`;
    }
    case "close":
      return `close ${findCodeName(effect.code)}`;
    default:
      return effect.type;
  }
}

function describeReply(reply: Reply): string {
  switch (reply.op) {
    case "getData":
      return `getData ${text(reply.data)}`;
    case "getChildren":
      return `getChildren ${reply.children.map(({ name }) => name).join(",")}`;
    case "getEphemerals":
      return `getEphemerals ${reply.paths.join(",")}`;
    case "whoAmI":
      return `whoAmI ${reply.ids.map(({ scheme, id }) => `${scheme}:${id}`).join(",")}`;
    case "multi":
      return `multi ${reply.results.map(describeResult).join(",")}`;
    case "setData":
      return `setData ${reply.path}${reply.created ? " created" : ""}`;
    default:
      return "path" in reply ? `${reply.op} ${reply.path}` : reply.op;
  }
}

function describeResult(result: MultiResult): string {
  return "path" in result ? `${result.op} ${result.path}` : result.op;
}

function text(data: Uint8Array | null): string {
  return data === null ? "null" : new TextDecoder().decode(data);
}

/** Requests as tests write them. */
export const ask = {
  create: (
    path: string,
    {
      data = "",
      mode = CreateMode.PERSISTENT,
      acl = OPEN_ACL_UNSAFE,
      ttlMs = 0,
    }: {
      data?: string;
      mode?: CreateMode;
      acl?: readonly ACL[];
      ttlMs?: number;
    } = {},
  ): MultiCreate => ({
    op: createOpOf(mode),
    path,
    data: new TextEncoder().encode(data),
    acl,
    flags: mode,
    ttlMs,
  }),
  ephemeral: (path: string) => ask.create(path, { mode: CreateMode.EPHEMERAL }),
  set: (path: string, data: string, version = -1): MultiSetData => ({
    op: "setData",
    path,
    data: new TextEncoder().encode(data),
    version,
  }),
  delete: (path: string, version = -1): Extract<Request, { op: "delete" }> => ({
    op: "delete",
    path,
    version,
  }),
  get: (path: string, watch = false): Request => ({ op: "getData", path, watch }),
  exists: (path: string, watch = false): Request => ({ op: "exists", path, watch }),
  children: (path: string, watch = false): Request => ({ op: "getChildren", path, watch }),
  sync: { op: "sync", path: "/" } as Request,
  ping: { op: "ping" } as Request,
  close: { op: "closeSession" } as Request,
  whoAmI: { op: "whoAmI" } as Request,
  auth: (scheme: string, credentials: string): Request => ({
    op: "auth",
    scheme,
    auth: new TextEncoder().encode(credentials),
  }),
  addWatch: (path: string, mode: 0 | 1, since?: number): Request => ({
    op: "addWatch",
    path,
    mode,
    ...(since === undefined ? {} : { since }),
  }),
};
