import type { ACL } from "../../core/acl.ts";
import type { InputArchive } from "./input-archive.ts";
import type { OutputArchive } from "./output-archive.ts";

/** perms i32, scheme and id with their lengths. */
const ACL_BYTES_MIN = 12;

/**
 * Reads a vector of ACL; null and an empty one are the same, and refused later. A null scheme or
 * id is empty, because kazoo sends null for an empty text [JU5].
 */
export function readACL(archive: InputArchive): ACL[] {
  return archive.vector(ACL_BYTES_MIN, readEntry) ?? [];
}

function readEntry(archive: InputArchive): ACL {
  const perms = archive.int();
  const scheme = archive.string() ?? "";
  return { perms, id: { scheme, id: archive.string() ?? "" } };
}

/** Writes a vector of ACL. */
export function writeACL(archive: OutputArchive, acl: readonly ACL[]): void {
  archive.vector(acl, writeEntry);
}

function writeEntry(archive: OutputArchive, { perms, id }: ACL): void {
  archive.int(perms);
  archive.string(id.scheme);
  archive.string(id.id);
}
