import type { Stat } from "../core/stat.ts";
import type { Zxid } from "../core/zxid.ts";
import { badRequest, type HttpProblem } from "./problem.ts";
import { quote } from "./path.ts";

/** What `If-Match` asks of a znode: its version, and with a whole ETag its incarnation. */
export interface Precondition {
  /** −1 = any. */
  readonly version: number;
  readonly czxid?: Zxid;
}

const ANY_VERSION = -1;
const INT32_MIN = -0x8000_0000;
const INT32_MAX = 0x7fff_ffff;

/**
 * Formats the ETag of a znode's data: `"<version>-<czxid hex>"`. A bare version would repeat after
 * delete and create.
 */
export function formatEtag({ version, czxid }: Stat): string {
  return `"${version}-${czxid.toString(16)}"`;
}

/** Formats the ETag of an ACL; setACL compares nothing but this version. */
export function formatAclEtag({ aversion }: Stat): string {
  return `"${aversion}"`;
}

/**
 * Parses `If-Match`: one strong ETag, a bare `"7"`, or `*`.
 *
 * @returns undefined without the header.
 * @throws HttpProblem 400 for anything else, lists and weak tags included: none may be ignored.
 */
export function parseIfMatch(request: Request): Precondition | undefined {
  const header = request.headers.get("If-Match");
  if (header === null) return undefined;
  if (header === "*") return { version: ANY_VERSION };
  const [, versionText, czxidText] = /^"(-?\d{1,10})(?:-([0-9a-f]{1,14}))?"$/.exec(header) ?? [];
  const version = Number(versionText ?? Number.NaN);
  // −1 is ZooKeeper's wildcard and never a version; who means "any" says so.
  if (!(version >= INT32_MIN && version <= INT32_MAX) || version === ANY_VERSION) {
    throw badIfMatch(header);
  }
  if (czxidText === undefined) return { version };
  const czxid = Number.parseInt(czxidText, 16);
  if (!Number.isSafeInteger(czxid)) throw badIfMatch(header);
  return { version, czxid };
}

/** As {@link parseIfMatch}, for the ACL, whose ETag is its bare version. */
export function parseAclIfMatch(request: Request): Precondition | undefined {
  const precondition = parseIfMatch(request);
  if (precondition?.czxid === undefined) return precondition;
  throw badRequest('If-Match of an ACL: expected its version like "7", or *, got the ETag of data');
}

/** Tells whether `If-None-Match` names `etag`; weak comparison. Source: RFC 9110 §13.1.2. */
export function isNoneMatch(request: Request, etag: string): boolean {
  const header = request.headers.get("If-None-Match");
  if (header === null) return false;
  if (header.trim() === "*") return true;
  return header.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag);
}

function badIfMatch(header: string): HttpProblem {
  // As it was sent: quotes around it would hide that they are what is missing.
  const seen = quote(header).slice(1, -1).replaceAll('\\"', '"');
  return badRequest(
    `If-Match: expected an ETag like "7-1a" or a version like "7", in quotes, or *, got ${seen}`,
  );
}
