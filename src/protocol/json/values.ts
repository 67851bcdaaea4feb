import type { ACL } from "../../core/acl.ts";
import type { Stat } from "../../core/stat.ts";
import { formatZxid } from "../../core/zxid.ts";
import { formatPerms, parsePerms } from "../acl-text.ts";
import { encodeBase64 } from "../base64.ts";
import { formatSessionId } from "../session-token.ts";
import { isJsonObject } from "./json-value.ts";

/**
 * Values of the core as JSON text, and back. Texts are put together by hand: stringifying objects
 * made only for it takes three times as long.
 */

/** Refuses what is no UTF-8 and keeps a byte order mark, so that a decoded text is the bytes. */
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The Stat as `StatJson`. */
export function statText(stat: Stat): string {
  return (
    `{"czxid":"${formatZxid(stat.czxid)}","mzxid":"${formatZxid(stat.mzxid)}"` +
    `,"pzxid":"${formatZxid(stat.pzxid)}","ctime":${stat.ctime},"mtime":${stat.mtime}` +
    `,"version":${stat.version},"cversion":${stat.cversion},"aversion":${stat.aversion}` +
    `,"ephemeralOwner":"${formatSessionId(stat.ephemeralOwner)}"` +
    `,"dataLength":${stat.dataLength},"numChildren":${stat.numChildren}}`
  );
}

/**
 * The fields `data` and, if the bytes are no text, `encoding`, without braces.
 *
 * Bytes are text if they are valid UTF-8: that has one encoding, so the bytes come back as they
 * were.
 */
export function dataFields(data: Uint8Array | null): string {
  if (data === null) return '"data":null';
  const text = findText(data);
  if (text !== undefined) return `"data":${JSON.stringify(text)}`;
  return `"data":"${encodeBase64(data)}","encoding":"base64"`;
}

/** The ACL as a list of `AclJson`. */
export function aclText(acl: readonly ACL[]): string {
  const entries = acl.map(({ perms, id: { scheme, id } }) => ({
    scheme,
    id,
    perms: formatPerms(perms),
  }));
  return JSON.stringify(entries);
}

/** Parses what {@link aclText} prints; undefined for anything else. */
export function parseAclJson(value: unknown): ACL[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const acl: ACL[] = [];
  for (const entry of value as readonly unknown[]) {
    if (!isJsonObject(entry) || Object.keys(entry).length !== 3) return undefined;
    const { scheme, id, perms } = entry;
    if (!isText(scheme) || !isText(id) || !isText(perms)) return undefined;
    const bits = parsePerms(perms);
    if (bits === undefined) return undefined;
    acl.push({ perms: bits, id: { scheme, id } });
  }
  return acl;
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value.isWellFormed();
}

function findText(data: Uint8Array): string | undefined {
  try {
    return UTF8.decode(data);
  } catch {
    // The decoder's only way to say that the bytes are no UTF-8.
    return undefined;
  }
}
