import { type Zxid, formatZxid, parseZxid } from "../core/zxid.ts";
import type { EventJson } from "../protocol/json/messages.ts";
import { requestOptions } from "./request-headers.ts";
import type { Call } from "./route.ts";
import { type ReplyWithEvents, succeed, WatchSocket } from "./watch-socket.ts";

/** What of a znode is watched: its data, its list of children, or everything below it too. */
export type WatchKind = "data" | "children" | "recursive";

/** A watch that a client asked for over HTTP. */
export interface WatchAsk {
  readonly path: string;
  readonly kind: WatchKind;
  /** Events after this zxid are made up for. */
  readonly since?: Zxid;
  /** A stream that a browser resumes by itself: it would give up at an error. */
  readonly isResumed?: boolean;
}

/** A registered watch. */
export interface Watch {
  readonly socket: WatchSocket;
  /** At which it was registered: later events will come. */
  readonly zxid: Zxid;
  /** Made again from the log, from `since` on. */
  readonly missed: readonly EventJson[];
}

/** What ZooKeeper's persistent watch sends that a kind does not want. */
const UNWANTED: Readonly<Record<WatchKind, EventJson["event"] | undefined>> = {
  data: "NodeChildrenChanged",
  children: "NodeDataChanged",
  recursive: undefined,
};

/** A watch takes the options of a read. */
const READ = { op: "ping" } as const;

/**
 * Opens a connection and registers the watch: first of all, so that no change falls between it and
 * a look at the state.
 *
 * @throws HttpProblem if the shard refuses, among other reasons because the log no longer reaches
 * back to `since`.
 */
export async function openWatch(call: Call, ask: WatchAsk): Promise<Watch> {
  const socket = await WatchSocket.open(call);
  try {
    const { minZxid } = requestOptions(call.request, READ);
    const answer = await socket.request({
      op: "addWatch",
      path: ask.path,
      mode: ask.kind === "recursive" ? "PERSISTENT_RECURSIVE" : "PERSISTENT",
      ...(ask.since !== undefined && { since: formatZxid(ask.since) }),
      ...(minZxid !== undefined && { minZxid: formatZxid(minZxid) }),
    });
    const { reply, events } = succeed(answer);
    return { socket, zxid: zxidOf(reply), missed: wanted(events, ask.kind) };
  } catch (error) {
    socket.close();
    throw error;
  }
}

/**
 * Reads what is watched, over the same connection. A missing znode is a state without `stat`.
 *
 * @throws HttpProblem for every other refusal.
 */
export async function readState(call: Call, watch: Watch, ask: WatchAsk): Promise<ReplyWithEvents> {
  const { isStrict, consistency } = requestOptions(call.request, READ);
  const answer = await watch.socket.request({
    op: ask.kind === "children" ? "getChildren" : "getData",
    path: ask.path,
    ...(isStrict === true && { consistency: "strict" }),
    ...(consistency !== undefined && { consistency }),
  });
  const events = wanted(answer.events, ask.kind);
  if (answer.reply.error?.code !== "NONODE") return { ...succeed(answer), events };
  const { error: _, ...reply } = answer.reply;
  return { reply: { ...reply, path: ask.path }, events };
}

/** Keeps the events that belong to a kind. */
export function wanted(events: readonly EventJson[], kind: WatchKind): readonly EventJson[] {
  return events.filter(({ event }) => event !== UNWANTED[kind]);
}

/** The zxid of a reply or an event. */
export function zxidOf({ zxid }: { readonly zxid?: string }): Zxid {
  return parseZxid(zxid ?? "") ?? 0;
}
