import type { PacketOf } from "./role.ts";
import type { Answer } from "./answer.ts";
import type { PeerState } from "./peer-state.ts";

/**
 * What a learner has received of a snapshot.
 *
 * Slices are put aside until the last one is there; then tables, log and hard state change in one
 * transaction. A member with half of a snapshot votes with what it had before.
 *
 * Source: ZooKeeper `Learner.syncWithLeader`, SNAP; there the tree is replaced while it arrives.
 */
export class SnapshotIntake {
  readonly #peer: PeerState;
  /** Everything up to here is put aside; "" = nothing is. */
  #cursor = "";

  constructor(peer: PeerState) {
    this.#peer = peer;
  }

  get cursor(): string {
    return this.#cursor;
  }

  /** Takes in a slice; what has to be said then is the cursor ("none") or what is here ("info"). */
  take({ after, slice }: PacketOf<"SNAP">): Answer {
    if (after !== this.#cursor) return "none";
    if (slice.zxid === undefined) {
      this.#peer.log.stage(slice, after === "");
      this.#cursor = slice.cursor;
      return "none";
    }
    this.#cursor = "";
    // One that ends before this log does would take away what was acknowledged.
    if (slice.zxid <= this.#peer.log.lastZxid) return "info";
    this.#peer.log.stage(slice, after === "");
    this.#peer.install(slice.zxid);
    return "info";
  }
}
