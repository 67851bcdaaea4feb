import { assert } from "../../core/assert.ts";
import { isFailure, type Outcome } from "../../core/keeper-error.ts";
import type { Reply } from "../../core/request.ts";
import type { Session } from "../../core/session.ts";
import type { Connection, QueuedConnect } from "../connection.ts";
import { drain } from "../request-pipeline.ts";
import type { ServerState } from "../server-state.ts";
import { bindSession } from "../session-binding.ts";
import type { ForwardAnswer, StreamId } from "./member-message.ts";
import type { MemberState } from "./member-state.ts";

/** Takes in what the leader answered to forwarded requests that made no txn. */
export function takeAnswers(
  state: ServerState,
  member: MemberState,
  stream: StreamId,
  answers: readonly ForwardAnswer[],
): void {
  if (!member.forwards.isOwn(stream)) return;
  member.answersAhead.push(...answers);
  giveReachedAnswers(state, member);
}

/** Gives the answers that show nothing but what is applied here by now. */
export function giveReachedAnswers(state: ServerState, member: MemberState): void {
  if (member.answersAhead.length === 0) return;
  const { lastZxid } = state.tree;
  const reached = member.answersAhead.filter(({ zxid }) => zxid <= lastZxid);
  member.answersAhead = member.answersAhead.filter(({ zxid }) => zxid > lastZxid);
  for (const answer of reached) giveAnswer(state, member, answer);
}

function giveAnswer(
  state: ServerState,
  member: MemberState,
  { seq, zxid, outcome, isReplayed }: ForwardAnswer,
): void {
  const forward = member.forwards.settle(seq, state.nowMs);
  const connection = forward && state.connections.find(forward.connection);
  if (forward === undefined || connection === undefined) return;
  const { queued } = forward;
  if (queued.type === "connect") {
    answerConnect(state, connection, queued, outcome);
  } else {
    queued.outcome = outcome as Outcome<Reply>;
    queued.zxid = zxid === 0 ? undefined : zxid;
    queued.isReplayed = isReplayed;
  }
  drain(state, connection);
}

function answerConnect(
  state: ServerState,
  connection: Connection,
  queued: QueuedConnect,
  outcome: ForwardAnswer["outcome"],
): void {
  if (isFailure(outcome)) {
    queued.outcome = outcome;
    queued.thenClose = { code: outcome.code, reason: outcome.message };
    return;
  }
  const { mode } = queued.ask;
  assert(mode !== "open", "a new session comes by a txn");
  const session = outcome as Session;
  bindSession(state, connection, session.id, mode);
  queued.outcome = session;
}
