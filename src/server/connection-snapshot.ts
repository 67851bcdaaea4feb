import type { Id } from "../core/acl.ts";
import type { SessionId } from "../core/data-node.ts";
import type { Role } from "../core/identity.ts";
import type { Consistency } from "../core/request-options.ts";

/** What a connection's session is to it; `none` before `connect`. */
export type SessionRole = "none" | "bound" | "using" | "managing";

/**
 * What the platform keeps with a hibernated socket, so that a server built anew knows the
 * connection without a word from its client [SE20]. Plain JSON. Its watches are apart, because
 * they may be too many for the same place.
 */
export interface ConnectionSnapshot {
  readonly role: Role;
  /** Those of the identity, and those that `auth` added. */
  readonly ids: readonly Id[];
  /** 0 without a session. */
  readonly sessionId: SessionId;
  readonly sessionRole: SessionRole;
  /** When the connection was last heard of by the server, ms since 1970. */
  readonly seenMs: number;
  /** When its transport was accepted, ms since 1970. */
  readonly establishedMs: number;
  /** The client's TCP port; 0 if it isn't known. */
  readonly port: number;
  /** Absent = linearizable. */
  readonly consistency?: Consistency;
}
