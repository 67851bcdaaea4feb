/**
 * The rules for znode paths, on UTF-16 code units as in ZooKeeper.
 *
 * Source: ZooKeeper `PathUtils.validatePath`, `PrepRequestProcessor.getParentPathAndValidate`.
 */

/** The subtree of the service itself. */
export const ZOOKEEPER_PATH = "/zookeeper";
/** Where quotas are kept. */
export const QUOTA_PATH = "/zookeeper/quota";
/** Where the configuration of the ensemble is kept. */
export const CONFIG_PATH = "/zookeeper/config";

const SPECIAL_PATHS: ReadonlySet<string> = new Set(["/", ZOOKEEPER_PATH, QUOTA_PATH, CONFIG_PATH]);

/** Tells whether a path is one that is never deleted. */
export function isSpecialPath(path: string): boolean {
  return SPECIAL_PATHS.has(path);
}

const SLASH = 0x2f;
const DOT = 0x2e;

/**
 * Checks a path by all rules.
 *
 * @returns undefined for a legal path, otherwise what is wrong with it.
 */
export function findPathFault(path: string): string | undefined {
  if (path.length === 0) return "path is empty";
  if (path.charCodeAt(0) !== SLASH) return "path must start with /";
  if (path.length === 1) return undefined;
  if (path.charCodeAt(path.length - 1) === SLASH) return "path must not end with /";
  let start = 1;
  for (let at = 1; at <= path.length; at += 1) {
    const unit = at === path.length ? SLASH : path.charCodeAt(at);
    if (unit === SLASH) {
      const fault = findComponentFault(path, start, at);
      if (fault !== undefined) return fault;
      start = at + 1;
    } else if (!isLegalUnit(unit)) {
      return `path has an illegal character U+${hex(unit)} at index ${at}`;
    }
  }
  return undefined;
}

function findComponentFault(path: string, start: number, end: number): string | undefined {
  const length = end - start;
  if (length === 0) return `path has an empty component at index ${start}`;
  if (length > 2 || path.charCodeAt(start) !== DOT) return undefined;
  if (length === 1) return `path has the relative component . at index ${start}`;
  if (path.charCodeAt(start + 1) === DOT)
    return `path has the relative component .. at index ${start}`;
  return undefined;
}

/** Control characters, surrogates (so every emoji), private use and specials are illegal. */
function isLegalUnit(unit: number): boolean {
  if (unit > 0x1f && unit < 0x7f) return true;
  return (unit > 0x9f && unit < 0xd800) || (unit > 0xf8ff && unit < 0xfff0);
}

function hex(unit: number): string {
  return unit.toString(16).toUpperCase().padStart(4, "0");
}

/**
 * Returns the path of the parent: everything before the last slash, and `/` for `/a` and `/`.
 *
 * @example
 * ```ts
 * import { parentOf } from "edgekeeper/client";
 *
 * console.log(parentOf("/app/config")); // "/app"
 * ```
 */
export function parentOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash <= 0 ? "/" : path.slice(0, slash);
}

/**
 * Returns the last component; empty for `/`.
 *
 * @example
 * ```ts
 * import { nameOf } from "edgekeeper/client";
 *
 * console.log(nameOf("/app/config")); // "config"
 * ```
 */
export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/**
 * Returns the path of a child.
 *
 * @example
 * ```ts
 * import { childPath } from "edgekeeper/client";
 *
 * const { children } = await zk.children("/app");
 * const paths = children.map((name) => childPath("/app", name));
 * ```
 */
export function childPath(parent: string, name: string): string {
  return parent === "/" ? `/${name}` : `${parent}/${name}`;
}

/** Tells whether `path` is `ancestor` or lies below it, by whole components. */
export function isWithin(path: string, ancestor: string): boolean {
  if (ancestor === "/") return true;
  return (
    path.startsWith(ancestor) && (path.length === ancestor.length || path[ancestor.length] === "/")
  );
}

/**
 * Formats a sequence number as Java's `%010d` does: at least ten characters, a sign included.
 *
 * Source: ZooKeeper `PrepRequestProcessor.pRequest2TxnCreate`.
 */
export function sequenceSuffix(counter: number): string {
  return counter < 0 ? `-${String(-counter).padStart(9, "0")}` : String(counter).padStart(10, "0");
}
