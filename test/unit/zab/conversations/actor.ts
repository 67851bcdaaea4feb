import type { QuorumPeer } from "../../../../src/zab/quorum-peer.ts";
import { Disk } from "../disk.ts";

/** One member in a play: its disk outlives it, its machine does not. */
export class Actor {
  readonly sid: number;
  readonly disk: Disk = new Disk();
  /** The machine while it is awake. */
  peer: QuorumPeer | undefined;
  /** Not in memory, but a packet wakes it, as the platform does with an object that was evicted. */
  isAsleep = false;
  incarnation = 0;

  constructor(sid: number) {
    this.sid = sid;
  }

  get machine(): QuorumPeer {
    if (this.peer === undefined) throw new Error(`${this.sid} is not awake`);
    return this.peer;
  }
}
