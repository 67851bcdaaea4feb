import { Code, failure, type Failure } from "../core/keeper-error.ts";
import { formatZxid, type Zxid } from "../core/zxid.ts";
import type { Connection, QueuedRequest } from "./connection.ts";
import type { ServerState } from "./server-state.ts";

/**
 * The zxid that has to be applied before a request is answered; a write's own is above it anyhow.
 *
 * `sync` flushes the pipe: everything that was proposed before it.
 * Source: ZooKeeper `Leader.processSync`.
 */
export function neededZxid(state: ServerState, { request, options }: QueuedRequest): Zxid {
  // A learner's leader says what that is.
  const isLearning = state.member?.role.type === "learning";
  if (request.op === "sync") return isLearning ? 0 : state.proposals.lastZxid;
  const since = request.op === "addWatch" ? (request.since ?? 0) : 0;
  return Math.max(options.minZxid ?? 0, since);
}

/** Nothing under way will ever reach that zxid: it is of another history [OR8]. */
export function findZxidAhead(
  { proposals }: ServerState,
  queued: QueuedRequest,
): Failure | undefined {
  const { lastZxid } = proposals;
  if (queued.neededZxid <= lastZxid) return undefined;
  const [expected, seen] = [formatZxid(queued.neededZxid), formatZxid(lastZxid)];
  const message = `expected zxid ${expected} to be applied, but ${seen} is the last one given out`;
  return failure(Code.OPERATIONTIMEOUT, message, { expected, seen });
}

/** Fails the reads that wait for a zxid which was discarded, before another txn gets its number. */
export function failUnreachable(state: ServerState, connection: Connection): void {
  for (const queued of connection.queue.items()) {
    if (queued.type !== "request" || queued.outcome !== undefined || queued.round > 0) continue;
    queued.outcome = findZxidAhead(state, queued);
    if (queued.outcome !== undefined && !queued.isPrepared) connection.readsAhead -= 1;
  }
}
