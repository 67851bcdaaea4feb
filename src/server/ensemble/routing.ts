import type { Sid } from "../../zab/configuration.ts";
import type { PeerRole } from "../../zab/ready.ts";

/** Where in an ensemble a call is to be served. */
export interface Routing {
  /** By the leader, or by whichever member is asked. */
  readonly by: "leader" | "any";
  /** A leader that the caller could not reach: it may be dead. */
  readonly lost?: Sid;
  /** A member that has no leader will do, if it serves read-only by now. */
  readonly canBeReadOnly?: boolean;
}

/** The answer of a member that does not serve a call: nothing was done. */
export interface NotServing {
  readonly type: "notServing";
  /** Who leads, as far as this member knows. */
  readonly leader: Sid | undefined;
}

/** Nobody leads, or whoever does could not be reached by the caller: worth a look, and a wait. */
export function isDoubtful(role: PeerRole, { by, lost }: Routing): boolean {
  if (role.type === "looking") return true;
  return role.type === "learning" && by === "leader" && role.leader === lost;
}

/** Decides whether a member serves a call; undefined if it does. */
export function findElsewhere(role: PeerRole, { by }: Routing): NotServing | undefined {
  if (role.type === "leading" || (role.type === "learning" && by === "any")) return undefined;
  return { type: "notServing", leader: role.type === "learning" ? role.leader : undefined };
}
