import { type ACL, OPEN_ACL_UNSAFE } from "../core/acl.ts";
import { assert } from "../core/assert.ts";
import { AclDecoder, AclEncoder, isOpenAcl } from "./acl-codec.ts";
import { ByteReader } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import type { SqlDatabase } from "./sql-database.ts";
import { getBlob } from "./sql-row.ts";
import type { SqlState } from "./sql-state.ts";

/** ACLs remembered at once. */
const REMEMBERED_MAX = 4_096;
/** The id of `OPEN_ACL_UNSAFE`, which has no row. */
const OPEN_ID = 0;
const ID_MAX = 2 ** 48;

const SELECT = "SELECT encoding FROM acl WHERE id = ?";
const UPSERT =
  "INSERT INTO acl (id, refs, encoding) VALUES (?, ?, ?) " +
  "ON CONFLICT (id) DO UPDATE SET refs = refs + excluded.refs";
const DELETE_UNUSED = "DELETE FROM acl WHERE id = ? AND refs <= 0";

interface KnownAcl {
  readonly acl: readonly ACL[];
  readonly encoding: Uint8Array;
}

/**
 * Interns ACLs: a znode's row holds a number, the `acl` table what it stands for and how many rows
 * name it; the last one gone takes the ACL along.
 *
 * The number is a hash of the encoding, or the next one that is free or equal, so that no second
 * index is needed to find it. Nodes with equal ACLs share one object.
 *
 * Source: ZooKeeper `ReferenceCountedACLCache`.
 */
export class AclTable {
  readonly #db: SqlDatabase;
  readonly #state: SqlState;
  readonly #known = new Map<number, KnownAcl>();
  #ids = new WeakMap<readonly ACL[], number>();
  /** How many more rows name an ACL since the count started. */
  readonly #refs = new Map<number, number>();

  constructor(db: SqlDatabase, state: SqlState) {
    this.#db = db;
    this.#state = state;
  }

  /** Starts to count, at the start of a checkpoint: an earlier one may have failed. */
  startCount(): void {
    this.#refs.clear();
  }

  /** Returns the ACL of a row. */
  get(id: number): readonly ACL[] {
    if (id === OPEN_ID) return OPEN_ACL_UNSAFE;
    const known = this.#find(id);
    assert(known !== undefined, `the ACL ${id} that a row names exists`);
    return known.acl;
  }

  /** Counts one more row with this ACL. @returns what the row names it by. */
  addRef(acl: readonly ACL[]): number {
    return this.#count(acl, 1);
  }

  /** Counts one row less with this ACL. */
  removeRef(acl: readonly ACL[]): void {
    this.#count(acl, -1);
  }

  /** Writes what changed; inside of the checkpoint's transaction. */
  flush(): void {
    for (const [id, refs] of this.#refs) {
      const known = this.#find(id);
      assert(known !== undefined, "an ACL that is counted is known");
      if (refs !== 0) this.#db.run(UPSERT, id, refs, known.encoding);
      if (refs < 0) this.#db.run(DELETE_UNUSED, id);
    }
    if (this.#known.size > REMEMBERED_MAX) {
      this.#known.clear();
      this.#ids = new WeakMap();
    }
  }

  #count(acl: readonly ACL[], step: number): number {
    const id = this.#idOf(acl);
    if (id !== OPEN_ID) this.#refs.set(id, (this.#refs.get(id) ?? 0) + step);
    return id;
  }

  #idOf(acl: readonly ACL[]): number {
    if (isOpenAcl(acl)) return OPEN_ID;
    let id = this.#ids.get(acl);
    if (id !== undefined) return id;
    const writer = new ByteWriter();
    new AclEncoder().encode(writer, acl);
    const encoding = writer.take();
    id = hash(encoding);
    for (;;) {
      const known = this.#find(id);
      if (known === undefined) this.#known.set(id, { acl, encoding });
      if (known === undefined || isEqual(known.encoding, encoding)) break;
      id = (id % ID_MAX) + 1;
    }
    this.#ids.set(acl, id);
    return id;
  }

  #find(id: number): KnownAcl | undefined {
    const known = this.#known.get(id);
    if (known !== undefined || !this.#state.exists) return known;
    const [row] = this.#db.all(SELECT, id);
    if (row === undefined) return undefined;
    const encoding = getBlob(row, "encoding");
    const loaded = { acl: new AclDecoder().decode(new ByteReader(encoding)), encoding };
    this.#known.set(id, loaded);
    this.#ids.set(loaded.acl, id);
    return loaded;
  }
}

/** FNV-1a twice, from two starts, cut to 1 … 2^48. */
function hash(bytes: Uint8Array): number {
  let low = 0x811c9dc5;
  let high = 0x01234567;
  for (const byte of bytes) {
    low = Math.imul(low ^ byte, 0x01000193);
    high = Math.imul(high ^ byte, 0x01000193);
  }
  return ((high >>> 0) % 0x10000) * 2 ** 32 + (low >>> 0) + 1;
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
