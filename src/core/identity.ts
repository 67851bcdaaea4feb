import type { Id } from "./acl.ts";

/**
 * What the door's token allows before any ACL is looked at: `read` reads and watches, `write` also
 * changes znodes and holds sessions, `admin` also manages sessions of others and sees operations.
 * Admin is not super: only an id of scheme `super` passes ACLs.
 */
export type Role = "read" | "write" | "admin";

/** Who is at the other end of a connection. */
export interface Identity {
  readonly role: Role;
  /** The ids that ACLs are held against: `ip`, and those of the token; `auth` adds more later. */
  readonly ids: readonly Id[];
  /** The client's TCP port, for operators to see; absent where nobody knows it. */
  readonly port?: number;
}

const RANK: Record<Role, number> = { read: 0, write: 1, admin: 2 };

/** Tells whether `role` is at least `needed`. */
export function hasRole(role: Role, needed: Role): boolean {
  return RANK[role] >= RANK[needed];
}
