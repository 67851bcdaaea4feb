import type { Id } from "../core/acl.ts";
import { Code, failure, type Outcome } from "../core/keeper-error.ts";
import type { AuthRequest } from "../core/request.ts";

/** What checking a digest needs. */
export interface DigestOptions {
  readonly sha1: (bytes: Uint8Array) => Uint8Array;
  readonly superDigest?: string;
}

/**
 * Decides which ids an `auth` request adds to those of its connection.
 *
 * `digest` takes any `user:password`; that it is the right one shows when an ACL names its hash.
 * `ip` and `x509` come with the connection and can't be claimed: they are confirmed if there.
 *
 * @returns the connection's new ids, or AUTHFAILED.
 * Source: ZooKeeper `DigestAuthenticationProvider`, `IPAuthenticationProvider`, `X509AuthenticationProvider`.
 */
export function authenticate(
  { scheme, auth }: AuthRequest,
  ids: readonly Id[],
  options: DigestOptions,
): Outcome<readonly Id[]> {
  if (scheme === "digest") return addDigest(auth, ids, options);
  if (scheme === "ip") return ids;
  if (scheme === "x509" && ids.some((id) => id.scheme === "x509")) return ids;
  const message =
    scheme === "x509"
      ? "expected a connection with a verified client certificate, saw none"
      : `expected a scheme out of digest, ip, x509, saw ${scheme}`;
  return failure(Code.AUTHFAILED, message);
}

function addDigest(
  auth: Uint8Array,
  ids: readonly Id[],
  { sha1, superDigest }: DigestOptions,
): Outcome<readonly Id[]> {
  const user = decodeUser(auth);
  if (user === undefined) {
    return failure(Code.AUTHFAILED, "expected a user in UTF-8, saw something else");
  }
  const digest = `${user}:${encodeBase64(sha1(auth))}`;
  const added: Id[] = [{ scheme: "digest", id: digest }];
  if (superDigest !== undefined && isSameSecret(codePointsOf(digest), codePointsOf(superDigest))) {
    added.unshift({ scheme: "super", id: "" });
  }
  const isNew = ({ scheme, id }: Id): boolean =>
    !ids.some((known) => known.scheme === scheme && known.id === id);
  return [...ids, ...added.filter(isNew)];
}

const COLON = 0x3a;

/** The part before the first colon, or all without one; undefined if it is not UTF-8. */
function decodeUser(auth: Uint8Array): string | undefined {
  const colon = auth.indexOf(COLON);
  const user = colon < 0 ? auth : auth.subarray(0, colon);
  let escaped = "";
  for (const byte of user) escaped += `%${byte.toString(16).padStart(2, "0")}`;
  try {
    return decodeURIComponent(escaped);
  } catch {
    // URIError, which says that the bytes are not UTF-8: the client's mistake.
    return undefined;
  }
}

const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

function encodeBase64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const left = bytes.length - at;
    const group = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    for (let digit = 0; digit < 4; digit += 1) {
      text += digit <= left ? BASE64.charAt((group >> (18 - 6 * digit)) & 63) : "=";
    }
  }
  return text;
}

/** What stands for the characters of a text in {@link isSameSecret}. */
function codePointsOf(text: string): Uint32Array {
  return Uint32Array.from(text, (character) => character.codePointAt(0) ?? 0);
}

/** Compares secrets without telling by its duration where they differ; their length is no secret. */
export function isSameSecret(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let at = 0; at < a.length; at += 1) difference |= (a[at] ?? 0) ^ (b[at] ?? 0);
  return difference === 0;
}
