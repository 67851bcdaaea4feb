import { findPathFault } from "../core/path.ts";
import { badRequest } from "./problem.ts";

/** The namespace of routes without `/ns/{namespace}`. */
export const DEFAULT_NAMESPACE = "default";

/** Where a request goes: read from the URL as it came, nothing decoded. */
export interface Address {
  readonly namespace: string;
  /** `/ns/{namespace}`, or empty where the URL named none; the start of every link we answer. */
  readonly prefix: string;
  /** The raw pathname behind the prefix: what is routed. */
  readonly route: string;
}

const ZNODES_PREFIX = "/znodes";
const NAMESPACE = /^[a-z0-9][a-z0-9-]{0,62}$/;
const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Splits the raw pathname of a URL. Never fails, because routing happens outside of error handling;
 * {@link checkNamespace} judges the name.
 *
 * Works on the text of the URL, so that no framework's decoding changes it. What a URL parser
 * itself changes is gone before: segments `.` and `..`, also as `%2e`, and `\`, which becomes `/`.
 * Source: WHATWG URL, path state.
 */
export function addressOf(url: string): Address {
  const pathname = rawPathname(url);
  const named = /^(\/ns\/([^/]*))(.*)$/s.exec(pathname);
  if (named === null) return { namespace: DEFAULT_NAMESPACE, prefix: "", route: pathname };
  const [, prefix = "", namespace = "", route = ""] = named;
  return { namespace, prefix, route };
}

/** Tells whether a name is one of a namespace. */
export function isNamespace(name: string): boolean {
  return NAMESPACE.test(name);
}

/** @throws HttpProblem 400 if the name is no namespace. */
export function checkNamespace({ namespace }: Address): void {
  if (isNamespace(namespace)) return;
  throw badRequest(`expected a namespace like ${NAMESPACE.source}, got ${quote(namespace)}`);
}

/** What a znode path may end in: a sequential create appends the name, or a part of it. */
export type PathEnd = "name" | "slash-or-name";

/**
 * Decodes the znode path of a route below `/znodes`, each part strictly.
 *
 * @throws HttpProblem 400 for a bad escape, `%2F`, invalid UTF-8 and every path that ZooKeeper's
 * own clients refuse.
 */
export function znodePathOf({ route }: Address, end: PathEnd): string {
  const raw = route.slice(ZNODES_PREFIX.length);
  if (raw === "" || raw === "/") return "/";
  const path = raw.split("/").map(decodePart).join("/");
  if (end === "name" && path.endsWith("/")) {
    throw badRequest("path ends in a slash: that needs ?seq, which appends the name", { path });
  }
  // As ZooKeeper's client does: the suffix is to come, one digit stands for it.
  const fault = findPathFault(end === "name" ? path : `${path}1`);
  if (fault !== undefined) throw badRequest(fault, { path });
  return path;
}

/** Returns the URL path of a znode, absolute: `Location` and links. */
export function znodeUrl(address: Address, path: string): string {
  const parts = path === "/" ? "/" : path.split("/").map(encodeURIComponent).join("/");
  return `${address.prefix}${ZNODES_PREFIX}${parts}`;
}

/** Decodes one part of a pathname, or one word of a query. @throws HttpProblem 400 */
export function decodePart(raw: string): string {
  if (!raw.includes("%")) return raw;
  if (/%2f/i.test(raw)) {
    throw badRequest(`%2F in ${quote(raw)}: a slash separates names and can't be part of one`);
  }
  return decodeEscapes(raw);
}

/** Decodes `%XX` as strict UTF-8. @throws HttpProblem 400 */
export function decodeEscapes(raw: string): string {
  const broken = /%(?![0-9a-f]{2})/i.exec(raw);
  if (broken !== null) {
    throw badRequest(`bad escape in ${quote(raw)}: expected two hex digits behind each %`);
  }
  const bytes = new TextEncoder().encode(raw);
  const decoded = new Uint8Array(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const isEscape = bytes[at] === 0x25;
    const hex = isEscape ? String.fromCharCode(bytes[at + 1] ?? 0, bytes[at + 2] ?? 0) : "";
    decoded[length] = isEscape ? Number.parseInt(hex, 16) : (bytes[at] ?? 0);
    length += 1;
    if (isEscape) at += 2;
  }
  try {
    return UTF8.decode(decoded.subarray(0, length));
  } catch {
    // The decoder's only failure.
    throw badRequest(`escapes in ${quote(raw)} are no UTF-8`);
  }
}

/** Returns the raw query of a URL, without its `?`. */
export function rawQuery(url: string): string {
  const [beforeFragment = ""] = url.split("#", 1);
  const mark = beforeFragment.indexOf("?");
  return mark < 0 ? "" : beforeFragment.slice(mark + 1);
}

function rawPathname(url: string): string {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  const end = url.slice(start).search(/[?#]/);
  return end < 0 ? url.slice(start) : url.slice(start, start + end);
}

/** Quotes text of a client in a message, cut to a bearable length. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
