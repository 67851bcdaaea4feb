import fc from "fast-check";
import { type ACL, OPEN_ACL_UNSAFE, READ_ACL_UNSAFE } from "../../../src/core/acl.ts";
import { type DataNode, NodeKind } from "../../../src/core/data-node.ts";
import { Code } from "../../../src/core/keeper-error.ts";
import type { Stat } from "../../../src/core/stat.ts";
import type {
  CreateTxn,
  DeleteTxn,
  LoggedTxn,
  SubTxn,
  Txn,
  TxnOutcome,
  TxnResult,
} from "../../../src/core/txn.ts";

/** Generators of everything that the storage layer turns into bytes, extremes included. */

const safe = fc.oneof(fc.nat(), fc.maxSafeNat(), fc.constantFrom(0, 127, 128, 2 ** 31, 2 ** 32));
const date = fc.integer({ min: 0, max: 2 ** 45 });
const sessionId = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 2 ** 48 - 1 }));
const int32 = fc.integer();
const kind = fc.constantFrom(...Object.values(NodeKind));
const code = fc.constantFrom(...Object.values(Code));
const anyString = fc.oneof(
  fc.string({ unit: "grapheme-composite" }),
  fc.string({ unit: "binary" }),
  fc.string({ minLength: 150, maxLength: 400 }),
  fc.string({ unit: fc.integer({ max: 0xffff }).map((unit) => String.fromCharCode(unit)) }),
);
const path = fc.oneof(
  fc.constantFrom("/", "/a", "/a/b", `/${"x".repeat(5_000)}`),
  anyString.map((text) => `/${text}`),
);
const data = fc.oneof(
  fc.constant(null),
  fc.uint8Array({ maxLength: 300 }),
  fc.integer({ min: 0, max: 5_000 }).map((length) => new Uint8Array(length).fill(7)),
);
const plain = { noNullPrototype: true };
const id = fc.record({ scheme: fc.constantFrom("digest", "ip", "x509", ""), id: anyString }, plain);
const entry: fc.Arbitrary<ACL> = fc.record({ perms: fc.integer({ min: -1, max: 31 }), id }, plain);
export const acl: fc.Arbitrary<readonly ACL[]> = fc.oneof(
  fc.constant(OPEN_ACL_UNSAFE),
  fc.constant(READ_ACL_UNSAFE),
  fc.array(entry, { maxLength: 5 }),
);

const create: fc.Arbitrary<CreateTxn> = fc.record({
  type: fc.constant("create"),
  path,
  data,
  acl,
  parentAcl: acl,
  kind,
  ephemeralOwner: sessionId,
  ttlMs: fc.integer({ min: 0, max: 2 ** 40 }),
  parentCreateCounter: int32,
});
const remove: fc.Arbitrary<DeleteTxn> = fc.record({
  type: fc.constant("delete"),
  path,
  acl,
  parentAcl: acl,
});
const sub: fc.Arbitrary<SubTxn> = fc.oneof(
  create,
  remove,
  fc.record({ type: fc.constant("setData" as const), path, data, version: int32, acl }),
  fc.record({ type: fc.constant("check" as const), path }),
);
const txn: fc.Arbitrary<Txn> = fc.oneof(
  sub,
  fc.record({ type: fc.constant("setACL" as const), path, acl, aversion: int32 }),
  fc.record({ type: fc.constant("error" as const), code }),
  fc.record({ type: fc.constant("multi" as const), txns: fc.array(sub, { maxLength: 8 }) }),
  fc.record({
    type: fc.constant("createSession" as const),
    id: sessionId,
    password: fc.uint8Array({ minLength: 16, maxLength: 16 }),
    timeoutMs: fc.nat(),
    member: fc.nat(),
  }),
  fc.record({
    type: fc.constant("closeSession" as const),
    deletes: fc.array(remove, { maxLength: 8 }),
  }),
);

const draft = fc.record({
  sessionId,
  cxid: int32,
  zxidStep: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 2 ** 40 })),
  timeMs: date,
  idempotencyKey: fc.option(anyString, { nil: undefined }),
  txn,
});

/** A list of txns whose zxids ascend. */
export const loggedTxns: fc.Arbitrary<LoggedTxn[]> = fc
  .array(draft, { maxLength: 12 })
  .map((drafts) => {
    let zxid = 0;
    return drafts.map(({ zxidStep, idempotencyKey, txn: body, ...header }) => {
      zxid += zxidStep;
      const key = idempotencyKey === undefined ? {} : { idempotencyKey };
      return { header: { ...header, zxid, ...key }, txn: body };
    });
  });

const stat: fc.Arbitrary<Stat> = fc.record({
  czxid: safe,
  mzxid: safe,
  pzxid: safe,
  ctime: date,
  mtime: date,
  version: int32,
  cversion: int32,
  aversion: int32,
  ephemeralOwner: sessionId,
  dataLength: fc.nat(),
  numChildren: fc.nat(),
});
const flatResult: fc.Arbitrary<TxnResult> = fc.oneof(
  fc.record({ type: fc.constantFrom("create" as const), path, stat }),
  fc.record({ type: fc.constantFrom("setData" as const, "setACL" as const), path, stat }),
  fc.record({ type: fc.constantFrom("delete" as const, "check" as const), path }),
  fc.record({ type: fc.constant("error" as const), code }),
  fc.record({ type: fc.constantFrom("createSession" as const, "closeSession" as const) }),
);

/** What an idempotency key may stand for. */
export const outcome: fc.Arbitrary<TxnOutcome> = fc.record({
  zxid: safe,
  dueMs: date,
  result: fc.oneof(
    flatResult,
    fc.record({
      type: fc.constant("multi" as const),
      results: fc.array(flatResult, { maxLength: 8 }),
    }),
  ),
});

/** Any znode. */
export const node: fc.Arbitrary<DataNode> = fc.record({
  data,
  acl,
  kind,
  ephemeralOwner: sessionId,
  ttlMs: fc.integer({ min: 0, max: 2 ** 40 }),
  czxid: safe,
  mzxid: safe,
  pzxid: safe,
  ctime: date,
  mtime: date,
  version: int32,
  createCounter: int32,
  aversion: int32,
  numChildren: fc.nat(),
});
