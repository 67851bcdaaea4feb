import type { Sid } from "../../zab/configuration.ts";
import type { LogRow } from "../../zab/log-row.ts";
import type { Packet } from "../../zab/packet.ts";
import type { PeerStatus } from "../../zab/peer-status.ts";
import type { PeerRole, Ready } from "../../zab/ready.ts";

/** What the runner needs of replication: the methods of `QuorumPeer`, which it drives. */
export interface Peer {
  readonly role: PeerRole;
  step(packet: Packet, nowMs: number): void;
  tick(nowMs: number): void;
  /** A message to this member could not be delivered. */
  unreachable(sid: Sid, nowMs: number): void;
  /** Only while the role is leading. `originsOf` gives what travels with the rows to each member. */
  propose(rows: readonly LogRow[], nowMs: number, originsOf?: (sid: Sid) => unknown): void;
  /** Starts a round of confirmation and returns its number; the report names it, or a later one. */
  confirm(nowMs: number): number;
  /** A client waits: a leader that may be dead is looked after. */
  needLeader(nowMs: number): void;
  /** Lets members in that are in no configuration: they are synchronised, and don't vote. */
  admit(sids: readonly Sid[], nowMs: number): void;
  /** Gives up leading; an election starts. */
  stepDown(nowMs: number): void;
  takeReady(): Ready | undefined;
  persisted(): void;
  nextTickMs(): number | undefined;
  status(): PeerStatus;
}
