import type { SessionId } from "../core/data-node.ts";
import type { Identity } from "../core/identity.ts";
import { isFailure } from "../core/keeper-error.ts";
import type { Reply, Request as KeeperRequest } from "../core/request.ts";
import { JSON_TIMEOUT_BOUNDS, type Session } from "../core/session.ts";
import type { ConnectAsk, ConnectionId } from "../server/input.ts";
import { CALL_PREPARATION_XID, CALL_XID, CallConnection } from "./call-connection.ts";
import type { RunningShard } from "./running-shard.ts";
import type { SessionCall, SessionView, ShardAnswer, ShardCall } from "./shard-api.ts";

/*
 * None of these is async: a broken invariant must be thrown to the guard in the turn of the event,
 * not end up as a promise that is rejected later.
 */

/** Answers one request by RPC, on a connection of its own. */
export function call(
  shard: RunningShard,
  { identity, auth = [], session, request, options = {} }: ShardCall,
): Promise<ShardAnswer> {
  const answer = ask(shard, identity, (connection) => {
    for (const { scheme, auth: text } of auth) {
      const bytes = new TextEncoder().encode(text);
      const authRequest: KeeperRequest = { op: "auth", scheme, auth: bytes };
      shard.step({ type: "request", connection, xid: CALL_PREPARATION_XID, request: authRequest });
    }
    if (session !== undefined) speakFor(shard, connection, { mode: "use", resume: session });
    shard.step({ type: "request", connection, xid: CALL_XID, request, options });
  });
  // The last of its inputs is a request, so the answer is a reply.
  return answer as Promise<ShardAnswer>;
}

/** Makes a session that no connection serves. */
export function openSession(
  shard: RunningShard,
  { identity, timeoutMs }: { readonly identity: Identity; readonly timeoutMs: number },
): Promise<ShardAnswer<SessionView>> {
  const answer = ask(shard, identity, (connection) => {
    const asked = {
      timeoutMs,
      bounds: JSON_TIMEOUT_BOUNDS,
      mode: "open",
      lastZxidSeen: 0,
    } as const;
    shard.step({ type: "connect", connection, xid: CALL_XID, ask: asked });
  });
  return answer.then(({ outcome, ...rest }) => {
    if (isFailure(outcome)) return { ...rest, outcome };
    const { id, password, timeoutMs: granted } = outcome as Session;
    const view = { id, password, timeoutMs: granted, expiresInMs: granted };
    return { ...rest, outcome: { ...view, isConnected: false, ephemerals: 0 } };
  });
}

/** Shows that a session's owner lives. */
export function keepSession(
  shard: RunningShard,
  session: SessionCall,
): Promise<ShardAnswer<SessionView>> {
  return askAbout(shard, session, { op: "ping" }).then(({ outcome, ...rest }) =>
    isFailure(outcome) ? { ...rest, outcome } : describeSession(shard, session),
  );
}

/** Looks at a session; touches nothing. */
export function describeSession(
  shard: RunningShard,
  session: SessionCall,
): ShardAnswer<SessionView> {
  const outcome = shard.server.describeSession(session, session.id, Date.now());
  const view = isFailure(outcome) ? outcome : { ...outcome, id: session.id };
  return { zxid: shard.server.status().zxid, outcome: view, isReplayed: false };
}

/** Ends a session and deletes its ephemerals. */
export function closeSession(
  shard: RunningShard,
  session: SessionCall,
): Promise<ShardAnswer<{ readonly id: SessionId }>> {
  return askAbout(shard, session, { op: "closeSession" }).then(({ outcome, ...rest }) => ({
    ...rest,
    outcome: isFailure(outcome) ? outcome : { id: session.id },
  }));
}

function askAbout(
  shard: RunningShard,
  { identity, id, password }: SessionCall,
  request: KeeperRequest,
): Promise<ShardAnswer<Reply | Session>> {
  return ask(shard, identity, (connection) => {
    const mode = password === undefined ? "manage" : "use";
    speakFor(shard, connection, { mode, resume: { id, password: password ?? NO_PASSWORD } });
    shard.step({ type: "request", connection, xid: CALL_XID, request });
  });
}

/** Not looked at: an admin needs none. */
const NO_PASSWORD = new Uint8Array(0);

function speakFor(
  shard: RunningShard,
  connection: ConnectionId,
  who: Required<Pick<ConnectAsk, "mode" | "resume">>,
): void {
  const asked = { ...who, timeoutMs: 0, bounds: JSON_TIMEOUT_BOUNDS, lastZxidSeen: 0 };
  shard.step({ type: "connect", connection, xid: CALL_PREPARATION_XID, ask: asked });
}

/**
 * Opens a connection, lets `send` put its inputs in and promises the answer to the last of them.
 * The inputs are in before this returns: calls are served in the order in which they came.
 */
function ask(
  shard: RunningShard,
  identity: Identity,
  send: (connection: ConnectionId) => void,
): Promise<ShardAnswer<Reply | Session>> {
  const connection = new CallConnection(shard.nextConnection());
  shard.open(connection, identity);
  send(connection.id);
  shard.requestFlush();
  return connection.answer;
}
