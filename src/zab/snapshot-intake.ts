import type { PacketOf } from "./role.ts";
import type { Answer } from "./answer.ts";
import type { PeerState } from "./peer-state.ts";

/**
 * Takes in a slice of a snapshot; what has to be said then is how far it is here ("none"), or what
 * is in the log ("info").
 *
 * Slices are put aside until the last one is there; then tables, log and hard state change in one
 * transaction. A member with half of a snapshot votes with what it had before. What is aside
 * outlives this instance and its leader: whoever leads next goes on there.
 *
 * Source: ZooKeeper `Learner.syncWithLeader`, SNAP; there the tree is replaced while it arrives.
 */
export function takeSlice(peer: PeerState, { after, slice }: PacketOf<"SNAP">): Answer {
  const { log } = peer;
  if (after !== log.stagedCursor) return "none";
  if (slice.zxid === undefined) {
    log.stage(slice);
    return "none";
  }
  // One that ends before this log does would take away what was acknowledged.
  if (slice.zxid <= log.lastZxid) {
    log.dropStaged();
    return "info";
  }
  log.stage(slice);
  peer.install(slice.zxid);
  return "info";
}
