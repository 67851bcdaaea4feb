import type { LoggedTxn } from "../../core/txn.ts";
import { decodeBatches } from "../../storage/log-batch.ts";
import type { LogRow } from "../../zab/log-row.ts";
import { loseConnection } from "../closing.ts";
import type { ServerState } from "../server-state.ts";
import type { Forward } from "./forward-queue.ts";
import type { Origins } from "./member-message.ts";
import type { MemberState } from "./member-state.ts";

/**
 * Takes in txns that the leader has made and that are in the log here: they wait for their commit,
 * those of own requests with their owners.
 *
 * Txns without origins come by a synchronization: some may be of requests that were forwarded, and
 * nobody can say which, so that the fate of all of those is unknown.
 */
export function learn(
  state: ServerState,
  member: MemberState,
  txns: readonly LoggedTxn[],
  origins: Origins | undefined,
): void {
  if (origins === undefined) loseForwards(state, member, "the log was synchronised in between");
  const owners = origins && member.forwards.settleOrigins(origins, state.nowMs);
  for (const logged of txns) {
    const { zxid } = logged.header;
    const owner = owners?.get(zxid);
    const failure = owner && origins?.entries.find((origin) => origin.zxid === zxid)?.failure;
    state.proposals.learn({ logged, failure, owner });
  }
}

/** Takes in what is in the log and not known to be committed, at a start. */
export function learnTail(state: ServerState, rows: readonly LogRow[]): void {
  for (const logged of decodeBatches(rows)) {
    if (logged.header.zxid <= state.tree.lastZxid) continue;
    state.proposals.learn({ logged, failure: undefined, owner: undefined });
  }
}

/** Gives up what was forwarded: those that wait for it find out for themselves what became of it. */
export function loseForwards(state: ServerState, member: MemberState, reason: string): void {
  loseOwners(state, member.forwards.restart(), reason);
}

function loseOwners(state: ServerState, lost: readonly Forward[], reason: string): void {
  for (const { connection: id, queued } of lost) {
    const connection = state.connections.find(id);
    // Answered in another way meanwhile: nothing waits for it.
    if (connection === undefined || !connection.queue.items().includes(queued)) continue;
    loseConnection(state, connection, reason);
  }
}
