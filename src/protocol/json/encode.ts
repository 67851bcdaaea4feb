import { unreachable } from "../../core/assert.ts";
import {
  Code,
  type Failure,
  findCodeName,
  isFailure,
  type Outcome,
} from "../../core/keeper-error.ts";
import type {
  ChildEntry,
  MultiReadResult,
  MultiResult,
  Reply,
  WatchedEvent,
} from "../../core/request.ts";
import type { Session } from "../../core/session.ts";
import type { Stat } from "../../core/stat.ts";
import { WatchedEventType } from "../../core/watched-event.ts";
import { formatZxid, type Zxid } from "../../core/zxid.ts";
import { formatSessionId, formatSessionToken } from "../session-token.ts";
import { NO_XID, PROTOCOL_VERSION } from "./messages.ts";
import { aclText, dataFields, statText } from "./values.ts";

/** Answers about one znode, of requests and of parts of a multi. */
type ZnodeReply = Extract<Reply | MultiResult | MultiReadResult, { readonly path: string }>;

const EVENT_NAMES = new Map<number, string>(
  Object.entries(WatchedEventType).map(([name, type]) => [type, name]),
);

/**
 * Encodes the answer to a request, whether it went well or not.
 *
 * @param xid - The request's, or `NO_XID` for a message whose `id` was unreadable.
 * @param zxid - Undefined where no server was asked, as the message was refused by the codec.
 */
export function encodeReply(
  xid: number,
  zxid: Zxid | undefined,
  outcome: Outcome<Reply>,
  isReplayed: boolean,
): string {
  const fields = isFailure(outcome) ? `,"error":${errorText(outcome)}` : replyFields(outcome);
  const replayed = isReplayed ? ',"replayed":true' : "";
  return object(idField(xid) + zxidField(zxid) + replayed + fields);
}

/** Encodes the answer to `connect`; the session is undefined for a connection without one. */
export function encodeConnected(
  xid: number,
  zxid: Zxid,
  outcome: Outcome<Session | undefined>,
): string {
  if (isFailure(outcome))
    return object(`${idField(xid)}${zxidField(zxid)},"error":${errorText(outcome)}`);
  const connected = `${idField(xid)}${zxidField(zxid)},"connected":${PROTOCOL_VERSION}`;
  if (outcome === undefined) return object(connected);
  const { id, timeoutMs } = outcome;
  const token = formatSessionToken(outcome);
  return object(
    `${connected},"session":"${token}","sessionId":"${formatSessionId(id)}","timeout":${timeoutMs}`,
  );
}

/** Encodes a change for a client that watches it. */
export function encodeEvent({ type, path, zxid }: WatchedEvent): string {
  const name = EVENT_NAMES.get(type) ?? "None";
  return `{"event":"${name}","path":${JSON.stringify(path)}${zxid < 0 ? "" : zxidField(zxid)}}`;
}

/**
 * Puts what one connection gets in one flush into one message: the encoded parts themselves, or
 * a list of them in the same order.
 */
export function joinMessages(parts: readonly string[]): string {
  return parts.length === 1 ? (parts[0] ?? "") : `[${parts.join(",")}]`;
}

/**
 * Encodes what a request is answered with as a JSON object without `id` and `zxid`: the body of an
 * HTTP answer.
 */
export function encodeReplyBody(reply: Reply): string {
  return object(replyFields(reply));
}

/** The close code of a WebSocket for an error: 4000 + |code|, in the range left to applications. */
export function closeCodeOf(code: Code): number {
  return 4000 + Math.abs(code);
}

/** Braces around fields that each start with a comma. */
function object(fields: string): string {
  return `{${fields.slice(1)}}`;
}

function idField(xid: number): string {
  return xid === NO_XID ? "" : `,"id":${xid}`;
}

function zxidField(zxid: Zxid | undefined): string {
  return zxid === undefined ? "" : `,"zxid":"${formatZxid(zxid)}"`;
}

function statField(stat: Stat): string {
  return `,"stat":${statText(stat)}`;
}

function errorText({ code, failedAt, ...details }: Failure): string {
  const { message, path, expected, seen } = details;
  const index = failedAt;
  return JSON.stringify({ ...codeFields(code), message, path, expected, seen, index });
}

function codeFields(code: Code): { readonly code: string; readonly number: Code } {
  return { code: findCodeName(code) ?? String(code), number: code };
}

function replyFields(reply: Reply): string {
  if ("path" in reply) return znodeFields(reply);
  switch (reply.op) {
    case "multi":
      return multiFields(reply.results);
    case "multiRead":
      return `,"results":[${reply.results.map(resultText).join(",")}]`;
    case "getEphemerals":
      return `,"paths":${JSON.stringify(reply.paths)}`;
    case "getAllChildrenNumber":
      return `,"totalNumber":${reply.totalNumber}`;
    case "whoAmI":
      return `,"ids":${JSON.stringify(reply.ids.map(({ scheme, id }) => ({ scheme, id })))}`;
    default:
      return "";
  }
}

/** What an answer tells about one znode; parts of a multi tell the same as whole requests. */
function znodeFields(reply: ZnodeReply): string {
  const path = `,"path":${JSON.stringify(reply.path)}`;
  switch (reply.op) {
    case "delete":
    case "check":
    case "sync":
      return path;
    case "create":
    case "setACL":
    case "exists":
      return path + statField(reply.stat);
    case "setData": {
      const isCreated = "created" in reply && reply.created;
      return path + statField(reply.stat) + (isCreated ? ',"created":true' : "");
    }
    case "getData":
    case "reconfig":
      return `${path},${dataFields(reply.data)}${statField(reply.stat)}`;
    case "getACL":
      return `${path},"acl":${aclText(reply.acl)}${statField(reply.stat)}`;
    case "getChildren":
      return path + childrenFields(reply);
    default:
      return unreachable(reply);
  }
}

/** A failed multi is an error here: ZooKeeper's list of codes says the same in a longer way. */
function multiFields(results: readonly MultiResult[]): string {
  const index = results.findIndex((result) => result.op === "error" && result.code !== Code.OK);
  const failed = results[index];
  if (failed?.op !== "error") return `,"results":[${results.map(resultText).join(",")}]`;
  const { code } = failed;
  const message = `part ${index} of the multi failed, so none was done`;
  return `,"error":${errorText({ code, message, failedAt: index })}`;
}

function resultText(result: MultiResult | MultiReadResult): string {
  if (result.op === "error")
    return `{"op":"error","error":${JSON.stringify(codeFields(result.code))}}`;
  return `{"op":"${result.op}"${znodeFields(result)}}`;
}

function childrenFields(reply: Extract<Reply, { op: "getChildren" }>): string {
  const { children, stat, more } = reply;
  const names = JSON.stringify(children.map(({ name }) => name));
  const entries = children.filter((child) => child.stat !== undefined || child.data !== undefined);
  const list = entries.length === 0 ? "" : `,"entries":[${entries.map(childText).join(",")}]`;
  const end = more ? ',"more":true' : "";
  return `,"children":${names}${list}${statField(stat)}${end}`;
}

function childText({ name, stat, data }: ChildEntry): string {
  const fields = data === undefined ? "" : `,${dataFields(data)}`;
  return `{"name":${JSON.stringify(name)}${stat === undefined ? "" : statField(stat)}${fields}}`;
}
