import type { Answer } from "./answer.ts";
import { rowsBehind } from "./batch.ts";
import type { Packet } from "./packet.ts";
import type { PeerState } from "./peer-state.ts";
import { type PacketOf } from "./role.ts";
import { takeSlice } from "./snapshot-intake.ts";

/**
 * Takes what the leader of `acceptedEpoch` says into log, commits and promises of this member.
 *
 * Every packet may be lost, late, twice, or out of order. What does not fit is answered with what
 * is here, and the leader plans anew; what is here already is acknowledged again.
 *
 * History comes first, then `currentEpoch`: a member whose log is on its way to the one of a new
 * leader still stands for the epoch before, and loses against everybody who arrived. Meanwhile it
 * lacks nothing that it ever acknowledged and that is committed (`planSync`).
 *
 * Source: ZooKeeper `Learner.syncWithLeader`, `Follower.processPacket`; DSN 2011 §IV, f.2.1 to
 * f.3.2. ZooKeeper wrote `currentEpoch` before the history: ZOOKEEPER-4643, ZOOKEEPER-4646.
 */
export class HistoryIntake {
  readonly #peer: PeerState;

  constructor(peer: PeerState) {
    this.#peer = peer;
  }

  /** This member stands in the epoch that it promised: its log is a prefix of the leader's. */
  get isInEpoch(): boolean {
    const { acceptedEpoch, currentEpoch } = this.#peer.hardState;
    return acceptedEpoch === currentEpoch && currentEpoch > 0;
  }

  take(packet: Packet): Answer {
    switch (packet.type) {
      case "TRUNC":
        return this.#onTrunc(packet);
      case "DIFF":
      case "PROPOSAL":
      case "INFORM":
        return this.#onRows(packet);
      case "SNAP":
        return takeSlice(this.#peer, packet);
      case "NEWLEADER":
        return this.#onNewLeader(packet);
      case "COMMIT":
        return this.#onCommit(packet.zxid);
      case "UPTODATE":
        return this.#onCommit(packet.committedZxid);
      case "PING": {
        const { committedZxid } = this.#peer;
        const answer = this.#onCommit(packet.committedZxid);
        // The PONG says that this member is there; an ACK only what is new.
        return answer === "ack" && committedZxid === this.#peer.committedZxid ? "none" : answer;
      }
      default:
        return "none";
    }
  }

  /**
   * In the epoch there is nothing to cut: the log is a prefix of the leader's, who never loses
   * what it sent. Before that, only the very log is cut that the leader looked at.
   */
  #onTrunc({ zxid, lastZxid }: PacketOf<"TRUNC">): Answer {
    const { log, committedZxid } = this.#peer;
    if (this.isInEpoch) return "ack";
    if (lastZxid !== log.lastZxid) return "info";
    const endZxid = log.batchEndAtOrBefore(zxid);
    const isPossible = endZxid !== undefined && endZxid >= committedZxid;
    if (isPossible && endZxid < log.lastZxid) this.#peer.truncate(endZxid);
    return "info";
  }

  #onRows(packet: PacketOf<"DIFF" | "PROPOSAL" | "INFORM">): Answer {
    const { log } = this.#peer;
    const last = packet.rows.at(-1)?.lastZxid ?? packet.prevZxid;
    // All of it is here already: in the epoch that is certain, before it is not.
    if (this.isInEpoch && last <= log.lastZxid) return this.#onCommit(packet.committedZxid);
    const rows = rowsBehind(packet, log.lastZxid);
    if (rows === undefined) return "info";
    if (rows.length > 0) {
      this.#peer.ready.report({
        type: "learned",
        rows,
        ...(packet.origins === undefined ? {} : { origins: packet.origins }),
      });
      this.#peer.append(rows);
      // Rows reach this log after all.
      log.dropStaged();
    }
    // The log ends where rows of the leader end: it is a prefix of the leader's.
    this.#peer.commit(packet.committedZxid);
    return "ack";
  }

  /** The whole history of the leader is here: from now on this member stands for its epoch. */
  #onNewLeader({ epoch, zxid }: PacketOf<"NEWLEADER">): Answer {
    if (!this.isInEpoch) {
      if (zxid !== this.#peer.log.lastZxid) return "info";
      this.#peer.setHardState({ currentEpoch: epoch });
      this.#peer.log.dropStaged();
    }
    return "ack";
  }

  #onCommit(zxid: number): Answer {
    if (!this.isInEpoch) return "info";
    this.#peer.commit(zxid);
    return "ack";
  }
}
