import type { Configuration, Sid } from "./configuration.ts";
import type { HardState } from "./hard-state.ts";
import type { History } from "./history.ts";
import type { LogRow } from "./log-row.ts";
import type { Packet } from "./packet.ts";
import type { PeerStatus } from "./peer-status.ts";
import type { PeerRole, Ready } from "./ready.ts";

/** What a member is made from. */
export interface QuorumPeerOptions {
  readonly sid: Sid;
  /** Names the ensemble; packets of another one are dropped. */
  readonly ensemble: string;
  /** Counts until one was committed. */
  readonly initialConfiguration: Configuration;
  /** From before the sleep; its `committedZxid` is at least what the checkpoint stands at. */
  readonly hardState: HardState;
  readonly history: History;
  /** The configuration that a batch of rows makes, undefined for nearly all of them. */
  configurationIn(rows: readonly LogRow[]): Configuration | undefined;
  /** Drawn at each start, not 0. */
  readonly incarnation: number;
  readonly nowMs: number;
}

/** Replication at one member, as a pure machine. */
export class QuorumPeer {
  constructor(_options: QuorumPeerOptions) {}
  /** What the server beside this machine plays. */
  get role(): PeerRole {
    return { type: "looking" };
  }
  /** Takes in what another member said. Whatever it holds, nothing is thrown because of it. */
  step(_packet: Packet, _nowMs: number): void {}
  /** Time passed. May come early, late, or twice. */
  tick(_nowMs: number): void {}
  /** When {@link tick} is wanted; undefined while this member may sleep for ever. */
  nextTickMs(): number | undefined {
    return undefined;
  }
  /** A packet to this member could not be delivered. */
  unreachable(_sid: Sid, _nowMs: number): void {}
  /**
   * Replicates one batch. Only while the role is leading (asserted).
   *
   * @param originsOf - gives what travels with the rows to one learner; asked when they are sent.
   */
  propose(_rows: readonly LogRow[], _nowMs: number, _originsOf?: (sid: Sid) => unknown): void {}
  /** Asks a quorum whether this member still leads; only while the role is leading (asserted). */
  confirm(_nowMs: number): number {
    return 0;
  }
  /** A client waits: a leader that may be dead is looked after, an election that pauses goes on. */
  needLeader(_nowMs: number): void {}
  /** Lets members in that are in no configuration yet: they are synchronised, and don't vote. */
  admit(_sids: readonly Sid[], _nowMs: number): void {}
  /** Gives up leading or following; an election starts. Source: ZooKeeper, zxid rollover. */
  stepDown(_nowMs: number): void {}
  /** What is to be done now; undefined if nothing, or while the last one is not persisted. */
  takeReady(): Ready | undefined {
    return undefined;
  }
  /** The last {@link Ready} is durable, or will be before anything leaves. */
  persisted(): void {}
  status(): PeerStatus {
    throw new Error("not yet");
  }
}
