import type { SessionId } from "../core/data-node.ts";
import type { Identity } from "../core/identity.ts";
import { isFailure } from "../core/keeper-error.ts";
import type { Reply, Request } from "../core/request.ts";
import { JSON_TIMEOUT_BOUNDS, type Session } from "../core/session.ts";
import type { Call, CallAnswer, SessionCall, SessionView } from "./call.ts";
import { CALL_PREPARATION_XID, CALL_XID, CallConnection, type Settle } from "./call-connection.ts";
import type { ClientConnection } from "./client-connection.ts";
import type { ConnectAsk, ConnectionId, UntimedInput } from "./input.ts";
import type { ZooKeeperServer } from "./zookeeper-server.ts";

/*
 * Every answer goes to a callback: a broken invariant must be thrown to whoever runs the server, in
 * the turn of the event, not end up as a promise that is rejected later.
 */

/** What a call needs of whoever owns the transports and the clock. */
export interface CallHost {
  readonly server: ZooKeeperServer;
  /** Of the clock, ms since 1970. */
  readonly nowMs: number;
  nextConnection(): ConnectionId;
  open(connection: ClientConnection, identity: Identity): void;
  step(input: UntimedInput): void;
  requestFlush(): void;
}

/** Answers one request, on a connection of its own. */
export function call(
  host: CallHost,
  { identity, auth = [], session, request, options = {} }: Call,
  settle: Settle<Reply>,
): void {
  // The last of its inputs is a request, so the answer is a reply.
  const connection = openCall(host, identity, settle as Settle<Reply | Session>);
  for (const shown of auth) {
    const authRequest: Request = { op: "auth", ...shown };
    host.step({ type: "request", connection, xid: CALL_PREPARATION_XID, request: authRequest });
  }
  if (session !== undefined) speakFor(host, connection, { mode: "use", resume: session });
  host.step({ type: "request", connection, xid: CALL_XID, request, options });
  host.requestFlush();
}

/** Makes a session that no connection serves. */
export function openSession(
  host: CallHost,
  { identity, timeoutMs }: { readonly identity: Identity; readonly timeoutMs: number },
  settle: Settle<SessionView>,
): void {
  const connection = openCall(host, identity, ({ outcome, ...rest }) => {
    if (isFailure(outcome)) return settle({ ...rest, outcome });
    const { id, password, timeoutMs: granted } = outcome as Session;
    const view = { id, password, timeoutMs: granted, expiresInMs: granted };
    settle({ ...rest, outcome: { ...view, isConnected: false, ephemerals: 0 } });
  });
  const ask = { timeoutMs, bounds: JSON_TIMEOUT_BOUNDS, mode: "open", lastZxidSeen: 0 } as const;
  host.step({ type: "connect", connection, xid: CALL_XID, ask });
  host.requestFlush();
}

/** Shows that a session's owner lives. */
export function keepSession(
  host: CallHost,
  session: SessionCall,
  settle: Settle<SessionView>,
): void {
  askAbout(host, session, { op: "ping" }, ({ outcome, ...rest }) =>
    settle(isFailure(outcome) ? { ...rest, outcome } : describeSession(host, session)),
  );
}

/** Looks at a session; touches nothing. */
export function describeSession(host: CallHost, session: SessionCall): CallAnswer<SessionView> {
  const outcome = host.server.describeSession(session, session.id, host.nowMs);
  const view = isFailure(outcome) ? outcome : { ...outcome, id: session.id };
  return { zxid: host.server.status().zxid, outcome: view, isReplayed: false };
}

/** Ends a session and deletes its ephemerals. */
export function closeSession(
  host: CallHost,
  session: SessionCall,
  settle: Settle<{ readonly id: SessionId }>,
): void {
  askAbout(host, session, { op: "closeSession" }, ({ outcome, ...rest }) =>
    settle({ ...rest, outcome: isFailure(outcome) ? outcome : { id: session.id } }),
  );
}

function askAbout(
  host: CallHost,
  { identity, id, password }: SessionCall,
  request: Request,
  settle: Settle<Reply | Session>,
): void {
  const connection = openCall(host, identity, settle);
  const mode = password === undefined ? "manage" : "use";
  speakFor(host, connection, { mode, resume: { id, password: password ?? NO_PASSWORD } });
  host.step({ type: "request", connection, xid: CALL_XID, request });
  host.requestFlush();
}

/** Not looked at: an admin needs none. */
const NO_PASSWORD = new Uint8Array(0);

function speakFor(
  host: CallHost,
  connection: ConnectionId,
  who: Required<Pick<ConnectAsk, "mode" | "resume">>,
): void {
  const ask = { ...who, timeoutMs: 0, bounds: JSON_TIMEOUT_BOUNDS, lastZxidSeen: 0 };
  host.step({ type: "connect", connection, xid: CALL_PREPARATION_XID, ask });
}

/** Opens a connection whose last input is answered to `settle`. Calls are served as they come. */
function openCall(
  host: CallHost,
  identity: Identity,
  settle: Settle<Reply | Session>,
): ConnectionId {
  const connection = new CallConnection(host.nextConnection(), settle);
  host.open(connection, identity);
  return connection.id;
}
