import { type ACL, OPEN_ACL_UNSAFE, Perms } from "../core/acl.ts";
import type { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";

/** What an ACL starts with; counts of entries follow from {@link FIRST_COUNT} on. */
const OPEN = 0;
const SAME_AS_LAST = 1;
const FIRST_COUNT = 2;

/** Tells the ACL of almost every znode, by its identity or else by its content. */
export function isOpenAcl(acl: readonly ACL[]): boolean {
  if (acl === OPEN_ACL_UNSAFE) return true;
  const entry = acl[0];
  return (
    acl.length === 1 &&
    entry?.perms === Perms.ALL &&
    entry.id.scheme === "world" &&
    entry.id.id === "anyone"
  );
}

/**
 * Writes the ACLs of one batch: a byte for `OPEN_ACL_UNSAFE`, a byte for a repetition of the last
 * other one, otherwise `2 + count` and the entries `(perms, scheme, id)`.
 */
export class AclEncoder {
  #last: readonly ACL[] | undefined;

  encode(writer: ByteWriter, acl: readonly ACL[]): void {
    if (isOpenAcl(acl)) {
      writer.byte(OPEN);
      return;
    }
    if (acl === this.#last) {
      writer.byte(SAME_AS_LAST);
      return;
    }
    writer.unsigned(FIRST_COUNT + acl.length);
    for (const { perms, id } of acl) {
      writer.signed(perms);
      writer.string(id.scheme);
      writer.string(id.id);
    }
    this.#last = acl;
  }
}

/** Reads what {@link AclEncoder} wrote; a repetition is the same object again. */
export class AclDecoder {
  #last: readonly ACL[] = [];

  decode(reader: ByteReader): readonly ACL[] {
    const head = reader.unsigned();
    if (head === OPEN) return OPEN_ACL_UNSAFE;
    if (head === SAME_AS_LAST) return this.#last;
    const acl: ACL[] = [];
    for (let i = FIRST_COUNT; i < head; i++) {
      acl.push({ perms: reader.signed(), id: { scheme: reader.string(), id: reader.string() } });
    }
    this.#last = acl;
    return acl;
  }
}
