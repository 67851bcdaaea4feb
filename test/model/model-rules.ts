import type { ACL, Id } from "../../src/core/acl.ts";

/** The wire numbers of the codes that the model gives. */
export const E = {
  MARSHALLING: -5,
  BADARGUMENTS: -8,
  NONODE: -101,
  NOAUTH: -102,
  BADVERSION: -103,
  NOCHILDRENFOREPHEMERALS: -108,
  NODEEXISTS: -110,
  NOTEMPTY: -111,
  INVALIDACL: -114,
  RECONFIGDISABLED: -123,
  QUOTAEXCEEDED: -125,
} as const;

/**
 * Thrown by the model where a server answers with an error. No `Error`: refusals are every day's
 * business, and nobody reads where each was made.
 */
export class Refused {
  readonly code: number;
  readonly failedAt: number | undefined;

  constructor(code: number, failedAt?: number) {
    this.code = code;
    this.failedAt = failedAt;
  }
}

export function refuseIf(isWrong: boolean, code: number): void {
  if (isWrong) throw new Refused(code);
}

const COMPONENT = String.raw`(?!\.{1,2}(?:\/|$))[^\/\u0000-\u001f\u007f-\u009f\ud800-\uf8ff\ufff0-\uffff]+`;
const LEGAL_PATH = new RegExp(String.raw`^(?:\/|(?:\/${COMPONENT})+)$`);

export function isLegalPath(path: string): boolean {
  return LEGAL_PATH.test(path) && !path.endsWith("\n");
}

/** The check that create and delete make before they look at the tree. */
export function isPathLike(path: string): boolean {
  return path.includes("/") && !path.includes("\0");
}

export const SPECIAL = ["/", "/zookeeper", "/zookeeper/quota", "/zookeeper/config"];

export const PERM = { READ: 1, WRITE: 2, CREATE: 4, DELETE: 8, ADMIN: 16 } as const;

export function allows(acl: readonly ACL[], perm: number, ids: readonly Id[]): boolean {
  if (ids.some((id) => id.scheme === "super")) return true;
  for (const entry of acl) {
    if ((entry.perms & perm) === 0) continue;
    if (entry.id.scheme === "world") return true;
    for (const id of ids) {
      if (id.scheme !== entry.id.scheme) continue;
      if (id.scheme === "ip" ? ipMatches(entry.id.id, id.id) : id.id === entry.id.id) return true;
    }
  }
  return false;
}

/** IPv4 only; the generators use no other. */
function ipMatches(pattern: string, address: string): boolean {
  const [network = "", bits = "32"] = pattern.split("/");
  return binary(network).slice(0, Number(bits)) === binary(address).slice(0, Number(bits));
}

function binary(address: string): string {
  return address
    .split(".")
    .map((part) => Number(part).toString(2).padStart(8, "0"))
    .join("");
}

/** What is stored for an ACL as asked. */
export function fixAcl(acl: readonly ACL[], ids: readonly Id[]): readonly ACL[] {
  const fixed: ACL[] = [];
  const asked = acl.filter((entry, index) => acl.findIndex((one) => isSame(one, entry)) === index);
  for (const { perms, id } of asked) {
    if (id.scheme === "auth") {
      const proven = ids.filter((one) => one.scheme === "digest" || one.scheme === "x509");
      refuseIf(proven.length === 0, E.INVALIDACL);
      for (const one of proven) fixed.push({ perms, id: one });
      continue;
    }
    const isValid =
      (id.scheme === "world" && id.id === "anyone") ||
      (id.scheme === "digest" && /^[^:]+:[^:]+$/.test(id.id)) ||
      (id.scheme === "ip" && /^\d+\.\d+\.\d+\.\d+(?:\/\d+)?$/.test(id.id));
    refuseIf(!isValid, E.INVALIDACL);
    fixed.push({ perms, id });
  }
  refuseIf(fixed.length === 0, E.INVALIDACL);
  return fixed;
}

function isSame(a: ACL, b: ACL): boolean {
  return a.perms === b.perms && a.id.scheme === b.id.scheme && a.id.id === b.id.id;
}

/** What somebody sees of an ACL who may not administer it. */
export function maskAcl(acl: readonly ACL[]): ACL[] {
  return acl.map(({ perms, id }) => ({
    perms,
    id: id.scheme === "digest" ? { scheme: "digest", id: `${id.id.split(":")[0]}:x` } : id,
  }));
}

export function checkVersion(seen: number, expected: number): void {
  refuseIf(expected !== -1 && expected !== seen, E.BADVERSION);
}
