import { type ACL, Perms } from "../core/acl.ts";
import { Code, type Outcome, failure } from "../core/keeper-error.ts";

/** Letters of permissions in the order in which they are printed. Source: zkCli `ZKUtil`. */
const LETTERS: readonly (readonly [string, number])[] = [
  ["c", Perms.CREATE],
  ["d", Perms.DELETE],
  ["r", Perms.READ],
  ["w", Perms.WRITE],
  ["a", Perms.ADMIN],
];

/** Formats permission bits as letters of `cdrwa`, in this order; empty for no permission. */
export function formatPerms(perms: number): string {
  let text = "";
  for (const [letter, bit] of LETTERS) if ((perms & bit) !== 0) text += letter;
  return text;
}

/** Parses letters of `cdrwa` in any order, each at most once; undefined for anything else. */
export function parsePerms(text: string): number | undefined {
  let perms = 0;
  for (const seen of text) {
    const bit = LETTERS.find(([letter]) => letter === seen)?.[1];
    if (bit === undefined || (perms & bit) !== 0) return undefined;
    perms |= bit;
  }
  return perms;
}

/**
 * Formats an ACL as the `Acl` header carries it: `digest:bob:…:cdrwa,ip:10.0.0.0/8:r`.
 *
 * Source: zkCli `AclParser`.
 */
export function formatAcl(acl: readonly ACL[]): string {
  return acl.map(({ id, perms }) => `${id.scheme}:${id.id}:${formatPerms(perms)}`).join(",");
}

/**
 * Parses an `Acl` header; whether schemes and ids are any good is judged by core.
 *
 * A scheme ends at its first colon, permissions start behind the last one. A comma ends an entry
 * only if permissions stand in front of it, so that an x509 id may hold commas; spaces behind it
 * are dropped, as headers of one name are joined by `, `.
 */
export function parseAcl(text: string): Outcome<ACL[]> {
  const acl: ACL[] = [];
  let start = 0;
  let piece = 0;
  while (piece <= text.length) {
    const comma = text.indexOf(",", piece);
    const end = comma < 0 ? text.length : comma;
    // A piece without a colon ends nothing: looking no further keeps the scan linear.
    const entry = text.slice(piece, end).includes(":")
      ? parseEntry(text.slice(start, end).trimStart())
      : undefined;
    piece = end + 1;
    if (entry === undefined) continue;
    acl.push(entry);
    start = piece;
  }
  if (start === text.length + 1) return acl;
  return failure(
    Code.INVALIDACL,
    "ACL: expected scheme:id:perms entries joined by commas, perms of the letters cdrwa, " +
      `got ${JSON.stringify(text.slice(start, start + 80))}`,
  );
}

function parseEntry(text: string): ACL | undefined {
  const first = text.indexOf(":");
  const last = text.lastIndexOf(":");
  if (first < 1 || last === first) return undefined;
  const perms = parsePerms(text.slice(last + 1));
  if (perms === undefined) return undefined;
  return { perms, id: { scheme: text.slice(0, first), id: text.slice(first + 1, last) } };
}
