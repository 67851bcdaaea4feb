import fc from "fast-check";
import { expect, test } from "vitest";
import { CreateMode, createOpOf } from "../../../../src/core/create-mode.ts";
import { LIMITS } from "../../../../src/core/limits.ts";
import type {
  ChildPage,
  CreateRequest,
  MultiCreate,
  MultiSetData,
} from "../../../../src/core/request.ts";
import { decodeMessage } from "../../../../src/protocol/json/decode-message.ts";
import { dataFields } from "../../../../src/protocol/json/values.ts";
import { type JsonRequest, jsonOf } from "./request-json.ts";

const path = fc.string({ maxLength: 12, unit: "grapheme" });
const data = fc.option(fc.uint8Array({ maxLength: 12 }));
const version = fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff });
const zxid = fc.maxSafeNat();
const maybeCzxid = fc.oneof(fc.constant({}), fc.record({ czxid: zxid }));
const acl = fc.array(
  fc.record({
    perms: fc.integer({ min: 0, max: 31 }),
    id: fc.record({ scheme: fc.string({ unit: "grapheme" }), id: fc.string({ unit: "grapheme" }) }),
  }),
  { maxLength: 3 },
);
const mode = fc.constantFrom(...Object.values(CreateMode));

function createOf(at: string, with_: Uint8Array | null, flags: CreateMode) {
  const isTTL = flags >= CreateMode.PERSISTENT_WITH_TTL;
  const rest = fc.record({ acl, ttlMs: isTTL ? zxid : fc.constant(0) });
  const base = { op: createOpOf(flags), path: at, data: with_, flags };
  return rest.map((more): MultiCreate => ({ ...base, ...more }));
}

function withParents(request: fc.Arbitrary<CreateRequest>): fc.Arbitrary<CreateRequest> {
  return fc
    .tuple(request, fc.boolean())
    .map(([fields, parents]) => ({ ...fields, ...(parents && { parents }) }));
}

/** Parts of a multi have neither `parents` nor `upsert`. */
const createPart = fc.tuple(path, data, mode).chain((args) => createOf(...args));
const create = withParents(createPart);
const deleteOne = fc
  .tuple(fc.record({ path, version }), maybeCzxid)
  .map(([fields, czxid]) => ({ op: "delete" as const, ...fields, ...czxid }));
const setDataPart = fc
  .tuple(fc.record({ path, data, version }), maybeCzxid)
  .map(([fields, czxid]): MultiSetData => ({ op: "setData", ...fields, ...czxid }));
const upsert = fc
  .tuple(setDataPart, fc.constantFrom(0 as const, 1 as const, 4 as const, 5 as const))
  .chain(([request, flags]) =>
    withParents(createOf(request.path, request.data, flags)).map((orCreate) => ({
      ...request,
      orCreate,
    })),
  );
const check = fc.record({ op: fc.constant("check" as const), path, version });
const page = fc.record<ChildPage>({
  after: path,
  limit: fc.integer({ min: 1, max: LIMITS.CHILDREN_PAGE_MAX }),
  stat: fc.boolean(),
  data: fc.boolean(),
});
const maybePage = fc.oneof(fc.constant({}), fc.record({ page }));
const getChildren = (watch: fc.Arbitrary<boolean>) =>
  fc
    .tuple(fc.record({ op: fc.constant("getChildren2" as const), path, watch }), maybePage)
    .map(([fields, paged]) => ({ ...fields, ...paged }));
const readPart = fc.oneof(
  getChildren(fc.constant(false)),
  fc.record({ op: fc.constant("getData" as const), path, watch: fc.constant(false) }),
);
const paths = fc.array(path, { maxLength: 3 });

const request: fc.Arbitrary<JsonRequest> = fc.oneof(
  create,
  deleteOne,
  deleteOne.map((one) => ({ ...one, op: "deleteRecursive" as const })),
  setDataPart,
  upsert,
  fc.record({ op: fc.constant("setACL" as const), path, acl, version }),
  fc.record({
    op: fc.constant("multi" as const),
    ops: fc.array(fc.oneof(createPart, deleteOne, setDataPart, check), { maxLength: 4 }),
  }),
  fc.record({
    op: fc.constantFrom("getData" as const, "exists" as const),
    path,
    watch: fc.boolean(),
  }),
  getChildren(fc.boolean()),
  fc.record({ op: fc.constantFrom("getACL" as const, "getAllChildrenNumber" as const), path }),
  fc.record({ op: fc.constant("sync" as const), path }),
  fc.record({ op: fc.constant("multiRead" as const), ops: fc.array(readPart, { maxLength: 4 }) }),
  fc.record({ op: fc.constant("getEphemerals" as const), prefixPath: path }),
  fc.record({ op: fc.constantFrom("whoAmI" as const, "ping" as const, "closeSession" as const) }),
  fc.record({
    op: fc.constant("auth" as const),
    scheme: path,
    auth: fc.uint8Array({ maxLength: 9 }),
  }),
  fc
    .tuple(fc.record({ path, mode: fc.constantFrom(0, 1) }), fc.option(zxid))
    .map(([fields, since]) => ({
      op: "addWatch" as const,
      ...fields,
      ...(since !== null && { since }),
    })),
  fc.record({
    op: fc.constantFrom("removeWatches" as const, "checkWatches" as const),
    path,
    type: fc.integer({ min: 1, max: 5 }),
  }),
  fc.record({
    op: fc.constant("setWatches" as const),
    relativeZxid: zxid,
    dataWatches: paths,
    existWatches: paths,
    childWatches: paths,
    persistentWatches: paths,
    persistentRecursiveWatches: paths,
  }),
);

test("[JS12] every request is decoded to what the client wrote", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 0x7fff_ffff }), request, (xid, meant) => {
      // A part of a multiRead has no watch field, not even false.
      const json = { id: xid, ...dropFalseWatches(jsonOf(meant)) };

      expect(decodeMessage(JSON.stringify(json), LIMITS)).toEqual([
        { kind: "request", xid, request: meant },
      ]);
    }),
    { numRuns: 3_000 },
  );
});

function dropFalseWatches(json: object): object {
  return JSON.parse(
    JSON.stringify(json, (name, value) => (name === "watch" && !value ? undefined : value)),
  );
}

test("[JS7] data that was read is written back byte for byte", () => {
  const text = fc.string({ unit: "grapheme" }).map((value) => new TextEncoder().encode(value));
  fc.assert(
    fc.property(fc.oneof(data, text), (bytes) => {
      const message = `{"id":1,"op":"setData","path":"/a",${dataFields(bytes)}}`;

      expect(decodeMessage(message, LIMITS)).toMatchObject([{ request: { data: bytes } }]);
    }),
  );
});
