/** Permission bits of an ACL entry. Source: ZooKeeper `ZooDefs.Perms`. */
export const Perms = { READ: 1, WRITE: 2, CREATE: 4, DELETE: 8, ADMIN: 16, ALL: 31 } as const;

/** An identity: of a connection, or named by an ACL. */
export interface Id {
  readonly scheme: string;
  readonly id: string;
}

/** One entry of an access control list. */
export interface ACL {
  readonly perms: number;
  readonly id: Id;
}

/** Everybody may do everything; the default of every create. */
export const OPEN_ACL_UNSAFE: readonly ACL[] = [
  { perms: Perms.ALL, id: { scheme: "world", id: "anyone" } },
];

/** Everybody may read; the ACL of `/zookeeper/config`. */
export const READ_ACL_UNSAFE: readonly ACL[] = [
  { perms: Perms.READ, id: { scheme: "world", id: "anyone" } },
];
