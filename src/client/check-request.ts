import type { ACL } from "../core/acl.ts";
import type { NativeRequest } from "../protocol/jute/encode-request.ts";

const INT_MIN = -0x8000_0000;
const INT_MAX = 0x7fff_ffff;

/** What each field of a request has to be, by its name. Source: `zookeeper.jute`. */
const FIELDS: Readonly<Record<string, readonly [string, (value: unknown) => boolean]>> = {
  path: ["a path", isText],
  prefixPath: ["a path", isText],
  data: ["text, a Uint8Array or null", (value) => value === null || value instanceof Uint8Array],
  version: ["a version of 32 bits", isInt],
  flags: ["a create mode", isInt],
  ttlMs: ["milliseconds", Number.isSafeInteger],
  acl: ["a list of {perms, id: {scheme, id}}", isAcl],
};

/**
 * Checks that a request can be written down: types hold only where there is a compiler, and a caller of
 * another Worker has his own. Whether it makes sense is the server's to say.
 *
 * @throws RangeError that names the field; nothing was sent then.
 */
export function checkRequest(request: NativeRequest): void {
  check(request);
  if ("ops" in request) for (const part of request.ops) check(part);
}

function check(record: object): void {
  for (const [name, value] of Object.entries(record)) {
    const [expected, isRight] = FIELDS[name] ?? [];
    if (isRight === undefined || isRight(value)) continue;
    throw new RangeError(`${name}: expected ${expected}, saw ${kindOf(value)}`);
  }
}

function isText(value: unknown): boolean {
  return typeof value === "string";
}

function isInt(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= INT_MIN && Number(value) <= INT_MAX;
}

function isAcl(value: unknown): boolean {
  return Array.isArray(value) && (value as readonly (Partial<ACL> | null)[]).every(isAclEntry);
}

function isAclEntry(entry: Partial<ACL> | null): boolean {
  return isInt(entry?.perms) && isText(entry?.id?.scheme) && isText(entry?.id?.id);
}

function kindOf(value: unknown): string {
  if (typeof value === "number" || typeof value === "undefined") return String(value);
  if (value === null) return "null";
  return Array.isArray(value) ? "a list" : `a ${typeof value}`;
}
