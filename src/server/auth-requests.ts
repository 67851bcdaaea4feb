import { failure, isFailure, Code } from "../core/keeper-error.ts";
import type { AuthRequest } from "../core/request.ts";
import { authenticate } from "./authentication.ts";
import type { Connection, QueuedRequest } from "./connection.ts";
import type { ServerState } from "./server-state.ts";

/** Ids count for what is received from now on; the answer keeps its place in the order [OR6]. */
export function answerAuth(
  state: ServerState,
  connection: Connection,
  queued: QueuedRequest,
  request: AuthRequest,
): void {
  const sha1 = (bytes: Uint8Array): Uint8Array => state.ports.sha1(bytes);
  const ids = authenticate(request, connection.ids, { ...state.config, sha1 });
  if (isFailure(ids)) {
    state.counters.add("authsFailed");
    queued.outcome = ids;
    queued.thenClose = { code: ids.code, reason: ids.message };
    connection.isDeaf = true;
    return;
  }
  const { CONNECTION_IDS_LENGTH_MAX: expected } = state.limits;
  const seen = ids.reduce((sum, { scheme, id }) => sum + scheme.length + id.length, 0);
  if (seen > expected && ids !== connection.ids) {
    const message = `expected identities of at most ${expected} characters (CONNECTION_IDS_LENGTH_MAX), saw ${seen}`;
    queued.outcome = failure(Code.THROTTLEDOP, message, { expected, seen });
    return;
  }
  queued.outcome = { op: "auth" };
  if (ids === connection.ids) return;
  connection.ids = ids;
  state.outbox.changed(connection.id);
}
