import fc from "fast-check";
import type { CreateOp } from "../../../../src/core/create-mode.ts";
import type { MultiOp, Request } from "../../../../src/core/request.ts";
import type { Stat } from "../../../../src/core/stat.ts";
import { OpCode } from "../../../../src/protocol/jute/op-code.ts";
import { flagsFor } from "./native-client.ts";

export const INT = fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff });
export const LONG = fc.integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER });
export const TEXT = fc.string({ unit: "grapheme", maxLength: 60 });
export const DATA = fc.option(fc.uint8Array({ maxLength: 40 }));
export const ACLS = fc.array(fc.record({ perms: INT, id: fc.record({ scheme: TEXT, id: TEXT }) }), {
  maxLength: 3,
});
export const STAT: fc.Arbitrary<Stat> = fc.record({
  czxid: LONG,
  mzxid: LONG,
  ctime: LONG,
  mtime: LONG,
  version: INT,
  cversion: INT,
  aversion: INT,
  ephemeralOwner: LONG,
  dataLength: INT,
  numChildren: INT,
  pzxid: LONG,
});
const PATHS = fc.array(TEXT, { maxLength: 3 });
const CREATE_OP = fc.constantFrom<CreateOp>("create", "create2", "createContainer", "createTTL");

const create = (flags: (op: CreateOp, isSequential: boolean) => fc.Arbitrary<number>) =>
  fc.tuple(CREATE_OP, fc.boolean()).chain(([op, isSequential]) =>
    fc.record({
      op: fc.constant(op),
      path: TEXT,
      data: DATA,
      acl: ACLS,
      flags: flags(op, isSequential),
      ttlMs: op === "createTTL" ? LONG : fc.constant(0),
    }),
  );
const deletion = fc.record({ op: fc.constant("delete" as const), path: TEXT, version: INT });
const setData = fc.record({
  op: fc.constant("setData" as const),
  path: TEXT,
  data: DATA,
  version: INT,
});
const check = fc.record({ op: fc.constant("check" as const), path: TEXT, version: INT });
const multiCreate = create((op, isSequential) => fc.constant(flagsFor(op, isSequential)));
export const MULTI_OPS: fc.Arbitrary<MultiOp[]> = fc.array(
  fc.oneof(multiCreate, deletion, setData, check),
  { maxLength: 5 },
);
const readPart = fc.record({
  op: fc.constantFrom("getData" as const, "getChildren" as const),
  path: TEXT,
  watch: fc.constant(false),
});

/** Any core request that has a native form, whatever its paths and flags. */
export const REQUEST: fc.Arbitrary<Request> = fc.oneof(
  create(() => INT),
  deletion,
  setData,
  fc.record({ op: fc.constant("setACL" as const), path: TEXT, acl: ACLS, version: INT }),
  fc.record({ op: fc.constant("multi" as const), ops: MULTI_OPS }),
  fc.record({
    op: fc.constantFrom(
      "exists" as const,
      "getData" as const,
      "getChildren" as const,
      "getChildren2" as const,
    ),
    path: TEXT,
    watch: fc.boolean(),
  }),
  fc.record({
    op: fc.constantFrom("getACL" as const, "getAllChildrenNumber" as const, "sync" as const),
    path: TEXT,
  }),
  fc.record({
    op: fc.constant("multiRead" as const),
    ops: fc.array(readPart, { maxLength: 4 }),
  }),
  fc.record({ op: fc.constant("getEphemerals" as const), prefixPath: TEXT }),
  fc.record({ op: fc.constantFrom("whoAmI" as const, "ping" as const, "closeSession" as const) }),
  fc.record({
    op: fc.constant("auth" as const),
    scheme: TEXT,
    auth: fc.uint8Array({ maxLength: 9 }),
  }),
  fc.record({ op: fc.constant("addWatch" as const), path: TEXT, mode: INT }),
  fc.record({
    op: fc.constantFrom("removeWatches" as const, "checkWatches" as const),
    path: TEXT,
    type: INT,
  }),
  fc.record({
    op: fc.constant("setWatches" as const),
    relativeZxid: LONG,
    dataWatches: PATHS,
    existWatches: PATHS,
    childWatches: PATHS,
    persistentWatches: PATHS,
    persistentRecursiveWatches: PATHS,
  }),
);

/** The operation that carries a request; setWatches2, because it carries all lists. */
export function typeOf(request: Request): number {
  if (request.op === "setWatches") return OpCode.setWatches2;
  if (request.op === "deleteRecursive" || request.op === "reap") {
    throw new TypeError(`${request.op} has no native form`);
  }
  return OpCode[request.op];
}
