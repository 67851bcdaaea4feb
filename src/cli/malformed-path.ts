import { findPathFault } from "../core/path.ts";

/** A path that is none: told before anything is sent, in zkCli's words. */
export class MalformedPathError extends Error {
  override readonly name = "MalformedPathError";
}

/**
 * Checks a path of the command line.
 *
 * @param isSequential - a suffix follows, so that a slash at the end is fine.
 * @throws MalformedPathError
 * Source: ZooKeeper `PathUtils.validatePath`, zkCli `MalformedPathException`.
 */
export function checkPath(path: string, isSequential = false): void {
  const fault = findPathFault(isSequential ? `${path}1` : path);
  if (fault !== undefined) throw new MalformedPathError(inZooKeepersWords(path, fault));
}

function inZooKeepersWords(path: string, fault: string): string {
  if (path === "") return "Path length must be > 0";
  if (!path.startsWith("/")) return "Path must start with / character";
  const at = Number(/index (\d+)$/.exec(fault)?.[1] ?? Number.NaN);
  if (Number.isNaN(at)) return "Path must not end with / character";
  return `Invalid path string "${path}" caused by ${reasonOf(fault, path.charCodeAt(at), at)}`;
}

function reasonOf(fault: string, unit: number, at: number): string {
  if (fault.includes("empty component")) return `empty node name specified @${at}`;
  // ZooKeeper points to the last dot of a name.
  if (fault.includes("component ..")) return `relative paths not allowed @${at + 1}`;
  if (fault.includes("component .")) return `relative paths not allowed @${at}`;
  return unit === 0 ? `null character not allowed @${at}` : `invalid character @${at}`;
}
