import { drain } from "../request-pipeline.ts";
import type { ServerState } from "../server-state.ts";
import type { MemberState } from "./member-state.ts";

/** Lets reads run whose round is confirmed, once the tree has what the round saw. */
export function wakeConfirmed(state: ServerState, { confirmations }: MemberState): void {
  if (!confirmations.reach(state.tree.lastZxid)) return;
  const waiters = [...confirmations.waiters];
  confirmations.waiters.clear();
  for (const id of waiters) {
    const connection = state.connections.find(id);
    if (connection !== undefined) drain(state, connection);
  }
}
