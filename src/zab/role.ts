import type { Sid } from "./configuration.ts";
import type { ServerState } from "./hard-state.ts";
import type { Packet, Vote } from "./packet.ts";
import type { ZabState } from "./peer-status.ts";

/** A packet of one type. */
export type PacketOf<T extends Packet["type"]> = Extract<Packet, { readonly type: T }>;

/** What a member does in one state: it looks, leads, or learns. */
export interface Role {
  readonly state: ServerState;
  readonly zabState: ZabState;
  /** The vote of a LOOKING member, else the leader that it has. */
  readonly vote: Vote;
  /** Takes in a well-formed packet of a member of this ensemble. */
  step(packet: Packet): void;
  /** Does whatever is due. */
  tick(): void;
  nextTickMs(): number | undefined;
  unreachable(sid: Sid): void;
  needLeader(): void;
  /** Sends what was put off so that it goes out once for all that happened. */
  flush(): void;
  /** Something became durable here. */
  persisted(): void;
}

/** The earliest of some times, of which each may be absent. */
export function earliest(...times: readonly (number | undefined)[]): number | undefined {
  const present = times.filter((time) => time !== undefined);
  return present.length === 0 ? undefined : Math.min(...present);
}
