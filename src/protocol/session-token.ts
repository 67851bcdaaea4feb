import type { SessionId } from "../core/data-node.ts";
import type { SessionToken } from "../core/session.ts";
import { decodeBase64Url, encodeBase64Url } from "./base64.ts";

/** Bytes of a session's password. Source: ZooKeeper `SessionTrackerImpl`. */
const PASSWORD_BYTES = 16;

/**
 * Formats a session id as every text form of the service shows it: lower-case hex, no prefix, `0`
 * for none. The same text is in the token, in `/sessions/{id}` and in `ephemeralOwner`.
 */
export function formatSessionId(id: SessionId): string {
  return id.toString(16);
}

/** Parses what {@link formatSessionId} prints; undefined for anything else and for 0. */
export function parseSessionId(text: string): SessionId | undefined {
  if (!/^[1-9a-f][0-9a-f]{0,13}$/.test(text)) return undefined;
  const id = Number.parseInt(text, 16);
  return Number.isSafeInteger(id) ? id : undefined;
}

/** Formats the proof of a session, `<id hex>.<password base64url>`: a secret, never logged. */
export function formatSessionToken(session: SessionToken): string {
  return `${formatSessionId(session.id)}.${encodeBase64Url(session.password)}`;
}

/** Parses what {@link formatSessionToken} prints; undefined for anything else. */
export function parseSessionToken(text: string): SessionToken | undefined {
  const dot = text.indexOf(".");
  if (dot < 0) return undefined;
  const id = parseSessionId(text.slice(0, dot));
  const password = decodeBase64Url(text.slice(dot + 1));
  if (id === undefined || password?.length !== PASSWORD_BYTES) return undefined;
  return { id, password };
}
