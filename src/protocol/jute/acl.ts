import { type ACL, OPEN_ACL_UNSAFE } from "../../core/acl.ts";
import type { InputArchive } from "./input-archive.ts";
import { OutputArchive } from "./output-archive.ts";

/** perms i32, scheme and id with their lengths. */
const ACL_BYTES_MIN = 12;

/** What nearly every create sends; recognised without reading it. */
const OPEN_ACL_BYTES = encodeACL(OPEN_ACL_UNSAFE);

/**
 * Reads a vector of ACL; null and an empty one are the same, and refused later. A null scheme or
 * id is empty, because kazoo sends null for an empty text [JU5].
 */
export function readACL(archive: InputArchive): readonly ACL[] {
  if (archive.skip(OPEN_ACL_BYTES)) return OPEN_ACL_UNSAFE;
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

function encodeACL(acl: readonly ACL[]): Uint8Array {
  const archive = new OutputArchive();
  writeACL(archive, acl);
  return archive.take();
}
