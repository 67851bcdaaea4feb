import type { Sid } from "../zab/configuration.ts";
import { ByteReader, MalformedBytesError } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import type { Store } from "./store.ts";

/** Which member of which ensemble a store belongs to. */
export interface MemberIdentity {
  readonly ensemble: string;
  readonly sid: Sid;
}

/** The store belongs to somebody else. Nothing in it has changed. */
export class ForeignStoreError extends Error {
  override readonly name = "ForeignStoreError";
}

/** The named value that holds it: version=1, ensemble, sid. */
const KEY = "member";
const FORMAT_VERSION = 1;

/**
 * Makes a store the store of a member, once and for all, or checks that it is: a log of one
 * ensemble in the hands of another would be committed there.
 *
 * @throws ForeignStoreError if it belongs to another member, or holds a shard that stands alone.
 * @throws MalformedBytesError if a later version wrote to whom it belongs.
 */
export function claimStore(store: Store, identity: MemberIdentity): void {
  const owner = ownerOf(store);
  if (owner === undefined) {
    if (store.log.lastZxid > 0) throw foreign(identity, "one of a shard that stands alone");
    store.setMeta(KEY, encode(identity));
  } else if (owner.ensemble !== identity.ensemble || owner.sid !== identity.sid) {
    throw foreign(identity, `the one of ${nameOf(owner)}`);
  }
}

/** The member that a store belongs to; undefined if no ensemble ever used it. */
export function ownerOf(store: Pick<Store, "getMeta">): MemberIdentity | undefined {
  const bytes = store.getMeta(KEY);
  if (bytes === undefined) return undefined;
  const reader = new ByteReader(bytes);
  const version = reader.byte();
  if (version !== FORMAT_VERSION) {
    throw new MalformedBytesError(
      `expected member format ${FORMAT_VERSION}, saw ${version}: deploy newer code`,
    );
  }
  return { ensemble: reader.string(), sid: reader.unsigned() };
}

function encode({ ensemble, sid }: MemberIdentity): Uint8Array {
  const writer = new ByteWriter();
  writer.byte(FORMAT_VERSION);
  writer.string(ensemble);
  writer.unsigned(sid);
  return writer.take();
}

function foreign(identity: MemberIdentity, seen: string): ForeignStoreError {
  return new ForeignStoreError(`expected the storage of ${nameOf(identity)}, saw ${seen}`);
}

function nameOf({ ensemble, sid }: MemberIdentity): string {
  return `member ${sid} of ensemble ${ensemble}`;
}
