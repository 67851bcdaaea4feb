import type { InputArchive } from "./input-archive.ts";

/** A text is its length and its bytes. */
const STRING_BYTES_MIN = 4;

/** Reads a path where ZooKeeper stumbles over null: the request is a marshalling error [JU9]. */
export function readPath(archive: InputArchive): string {
  const path = archive.string();
  if (path === null) archive.refuse("expected a path, saw null");
  return path ?? "";
}

/** Reads a path where null is as good as the empty one, which no rule of paths lets through. */
export function readNullablePath(archive: InputArchive): string {
  return archive.string() ?? "";
}

/** Reads a vector of paths that must be there. */
export function readPaths(archive: InputArchive): string[] {
  const paths = archive.vector(STRING_BYTES_MIN, readPath);
  if (paths === null) archive.refuse("expected a list of paths, saw null");
  return paths ?? [];
}
