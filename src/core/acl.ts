import { matchesPrefix, parseIpAddress, parseIpPrefix } from "./ip-address.ts";
import { Code, failure, type Outcome } from "./keeper-error.ts";
import { LIMITS } from "./limits.ts";

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

/** Schemes whose ids prove who somebody is, so that an `auth` entry may stand for them. */
const AUTHENTICATED_SCHEMES: ReadonlySet<string> = new Set(["digest", "x509"]);

/**
 * Tells whether a connection with `ids` has one of the permissions in `perm`.
 *
 * An id of scheme `super` passes everything; an empty list allows everything, which only old
 * snapshots can hold. Source: ZooKeeper `ZooKeeperServer.checkACL`.
 */
export function checkACL(acl: readonly ACL[], perm: number, ids: readonly Id[]): boolean {
  if (acl === OPEN_ACL_UNSAFE || acl.length === 0) return true;
  if (ids.some((id) => id.scheme === "super")) return true;
  return acl.some((entry) => (entry.perms & perm) !== 0 && matchesAny(entry.id, ids));
}

function matchesAny(wanted: Id, ids: readonly Id[]): boolean {
  if (wanted.scheme === "world" && wanted.id === "anyone") return true;
  return ids.some((id) => id.scheme === wanted.scheme && matches(id, wanted));
}

function matches(id: Id, wanted: Id): boolean {
  if (wanted.scheme !== "ip") return id.id === wanted.id;
  const prefix = parseIpPrefix(wanted.id);
  const address = parseIpAddress(id.id);
  return prefix !== undefined && address !== undefined && matchesPrefix(address, prefix);
}

/**
 * Checks the ACL of a create or setACL and makes it what is stored: `auth` entries become the
 * connection's proven ids; duplicates among what was sent go, the order stays.
 *
 * @returns INVALIDACL if the list is empty, or an entry names no known scheme or no valid id.
 * Source: ZooKeeper `PrepRequestProcessor.fixupACL`.
 */
export function fixupACL(
  path: string,
  acl: readonly ACL[],
  ids: readonly Id[],
): Outcome<readonly ACL[]> {
  if (acl === OPEN_ACL_UNSAFE) return acl;
  const refuse = (message: string) => failure(Code.INVALIDACL, message, { path });
  if (acl.length === 0) return refuse("expected at least one ACL entry, saw none");
  if (acl.length > LIMITS.ACL_ENTRIES_MAX) {
    return refuse(`ACL_ENTRIES_MAX is ${LIMITS.ACL_ENTRIES_MAX}, saw ${acl.length} entries`);
  }
  const fixed: ACL[] = [];
  for (const entry of distinct(acl)) {
    const expanded = entry.id.scheme === "auth" ? expandAuth(entry, ids) : [entry];
    if (expanded.length === 0) {
      return refuse("an auth entry needs a connection with a digest or x509 id, saw none");
    }
    const invalid = expanded.find(({ id }) => !isValidId(id));
    if (invalid !== undefined) {
      const { scheme, id } = invalid.id;
      return refuse(`expected a known scheme with a valid id, saw ${scheme}:${id}`);
    }
    fixed.push(...expanded);
  }
  return isOpen(fixed) ? OPEN_ACL_UNSAFE : fixed;
}

/** Before `auth` is expanded: what that becomes may stand there twice, as in ZooKeeper. */
function distinct(acl: readonly ACL[]): Iterable<ACL> {
  const entries = new Map<string, ACL>();
  for (const entry of acl) {
    const key = `${entry.perms} ${entry.id.scheme}:${entry.id.id}`;
    if (!entries.has(key)) entries.set(key, entry);
  }
  return entries.values();
}

function expandAuth(entry: ACL, ids: readonly Id[]): ACL[] {
  return ids
    .filter((id) => AUTHENTICATED_SCHEMES.has(id.scheme))
    .map((id) => ({ perms: entry.perms, id }));
}

/** The open list is shared as one value, so that checks and the log recognise it at a glance. */
function isOpen(acl: readonly ACL[]): boolean {
  const [first, ...rest] = acl;
  return rest.length === 0 && first?.perms === Perms.ALL && first.id.scheme === "world";
}

function isValidId({ scheme, id }: Id): boolean {
  switch (scheme) {
    case "world":
      return id === "anyone";
    case "digest":
      return hasTwoParts(id);
    case "ip":
      return parseIpPrefix(id) !== undefined;
    case "x509":
      return isDistinguishedName(id);
    default:
      return false;
  }
}

/** As Java's `split(":")` counts: trailing empty parts are no parts. */
function hasTwoParts(id: string): boolean {
  return id.replace(/:+$/, "").split(":").length === 2;
}

/** An X.500 name (RFC 2253): comma-separated `type=value`, quoted or escaped commas inside. */
function isDistinguishedName(id: string): boolean {
  const part = String.raw`\s*[A-Za-z][A-Za-z0-9.-]*\s*=(?:"[^"]*"|(?:\\.|[^",\\])*)`;
  return new RegExp(`^(?:${part})(?:,${part})*$`).test(id);
}

/** Hides digests from whoever may read but not administer an ACL: `bob:…` becomes `bob:x`. */
export function maskDigests(acl: readonly ACL[]): readonly ACL[] {
  if (!acl.some((entry) => entry.id.scheme === "digest")) return acl;
  return acl.map((entry) =>
    entry.id.scheme === "digest"
      ? { perms: entry.perms, id: { scheme: "digest", id: `${userOf(entry.id.id)}:x` } }
      : entry,
  );
}

/** The part of a digest id before its colon. */
export function userOf(id: string): string {
  return id.split(":", 1)[0] ?? "";
}
