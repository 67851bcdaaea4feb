import type { SessionId } from "../../core/data-node.ts";
import { Code, type Failure } from "../../core/keeper-error.ts";
import { closeConnection } from "../closing.ts";
import type { CloseReason, Connection, QueuedRequest } from "../connection.ts";
import type { ServerState } from "../server-state.ts";
import type { MemberState } from "./member-state.ts";
import type { Owner } from "./session-owners.ts";

const MOVED: CloseReason = {
  code: Code.SESSIONMOVED,
  reason: "another connection has taken over this session",
};

/** Gives a session to whoever binds it now; the member that served it closes its connection. */
export function claimSession(
  state: ServerState,
  member: MemberState,
  id: SessionId,
  { sid, incarnation }: Owner,
): void {
  const { role, owners } = member;
  if (role.type !== "leading") return;
  const former = owners.move(id, { sid, incarnation });
  const isOwn = sid === member.sid && incarnation === member.incarnation;
  if (!isOwn) closeMoved(state, id);
  // An earlier instance of a member that binds it again, or of this one, has no connections left.
  if (former === undefined || former.sid === sid || former.sid === member.sid) return;
  const { epoch } = role;
  state.outbox.memberMessage(former.sid, { type: "sessionMoved", epoch, sessionId: id });
}

/**
 * A write says that another member serves the session: the word that this one was to get is lost.
 *
 * Source: ZooKeeper `FinalRequestProcessor`, ZOOKEEPER-710.
 */
export function closeBehindMoved(
  { sessionRole }: Connection,
  queued: QueuedRequest,
  failure: Failure | undefined,
): void {
  if (failure?.code !== Code.SESSIONMOVED || sessionRole !== "bound") return;
  queued.thenClose = MOVED;
}

/** Closes the connection that served a session which is another's now. */
export function closeMoved(state: ServerState, id: SessionId): void {
  const former = state.connections.findBound(id);
  if (former === undefined) return;
  state.counters.add("connectionsTakenOver");
  closeConnection(state, former, MOVED);
}
