import fc from "fast-check";
import type { ACL, Id } from "../../../src/core/acl.ts";
import type { TreeReadRequest } from "../../../src/core/read.ts";
import type {
  ChildPage,
  CreateRequest,
  MultiCreate,
  MultiOp,
  SetWatchesRequest,
  TreeWriteRequest,
} from "../../../src/core/request.ts";

/** One step of a run; plain data, so that a shrunk counterexample can be pasted as a regression. */
export type Operation =
  | { readonly do: "write"; readonly slot: number; readonly request: TreeWriteRequest }
  | { readonly do: "apply"; readonly count: number }
  | { readonly do: "discard"; readonly keep: number }
  | { readonly do: "read"; readonly slot: number; readonly request: TreeReadRequest }
  | { readonly do: "addWatch"; readonly slot: number; readonly path: string; readonly mode: 0 | 1 }
  | {
      readonly do: "removeWatches";
      readonly slot: number;
      readonly path: string;
      readonly type: 1 | 2 | 3 | 4 | 5;
    }
  | { readonly do: "setWatches"; readonly slot: number; readonly request: SetWatchesRequest }
  | { readonly do: "reconnect"; readonly slot: number }
  | { readonly do: "newSession"; readonly slot: number }
  | { readonly do: "pass"; readonly ms: number }
  | { readonly do: "checkpoint" }
  | { readonly do: "restart" };

/** Who may ask: slot 0 alice, 1 bob from 10.1.2.3, 2 the superuser, 3 nobody and without session. */
export const IDENTITIES: readonly (readonly Id[])[] = [
  [{ scheme: "digest", id: "alice:secret" }],
  [
    { scheme: "ip", id: "10.1.2.3" },
    { scheme: "digest", id: "bob:secret" },
  ],
  [{ scheme: "super", id: "" }],
  [],
];

const slot = fc.nat({ max: IDENTITIES.length - 1 });

const acl = (perms: number, scheme: string, id: string): ACL => ({ perms, id: { scheme, id } });
const OPEN = [acl(31, "world", "anyone")];

const acls: fc.Arbitrary<readonly ACL[]> = fc.oneof(
  { weight: 8, arbitrary: fc.constant(OPEN) },
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      [acl(31, "digest", "alice:secret")],
      [acl(1, "world", "anyone"), acl(31, "auth", "")],
      [acl(30, "world", "anyone"), acl(31, "digest", "alice:secret")],
      [acl(31, "ip", "10.1.0.0/16")],
      [acl(5, "world", "anyone"), acl(24, "digest", "bob:secret"), acl(5, "world", "anyone")],
      [acl(31, "auth", ""), acl(31, "digest", "bob:secret")],
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      [],
      [acl(31, "world", "everyone")],
      [acl(31, "digest", "alice")],
      [acl(31, "ip", "ten")],
      [acl(31, "nonsense", "x")],
    ),
  },
);

/** Few paths, so that operations meet; the parents of the deep ones come more often. */
const legalPath = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom("/a", "/a/b") },
  { weight: 6, arbitrary: fc.constantFrom("/b", "/ab", "/a/a", "/a/b/a", "/a/b/b") },
  {
    weight: 1,
    arbitrary: fc.constantFrom("/a/é", "/__proto__", "/a/a0000000001", "/b/c/d"),
  },
);

const oddPath = fc.constantFrom(
  "/",
  "",
  "a",
  "/a/",
  "//",
  "//a",
  "/a//b",
  "/a/.",
  "/a/..",
  "/a/.b",
  "/a/\u0000",
  "/a\u0001",
  "/\u{1F600}",
  "/a\u00a0",
  "/\ufff0",
  "a/b",
  "/zookeeper",
  "/zookeeper/quota",
  "/zookeeper/config",
  "/zookeeper/x",
);

const path = fc.oneof({ weight: 16, arbitrary: legalPath }, { weight: 1, arbitrary: oddPath });

const data = fc.oneof(fc.constantFrom(null, new Uint8Array(0)), fc.uint8Array({ maxLength: 4 }));

const version = fc.oneof(
  { weight: 6, arbitrary: fc.constant(-1) },
  { weight: 3, arbitrary: fc.constantFrom(0, 1, 2, -2) },
);

const incarnation = fc.oneof(
  { weight: 9, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: fc.nat({ max: 30 }).map((czxid) => ({ czxid })) },
);

/** Mostly operation and flags that fit, sometimes any of both. */
const createKind = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.constantFrom(
      { op: "create" as const, flags: 0 },
      { op: "create2" as const, flags: 0 },
      { op: "create2" as const, flags: 1 },
      { op: "create" as const, flags: 2 },
      { op: "create2" as const, flags: 3 },
      { op: "createContainer" as const, flags: 4 },
      { op: "createTTL" as const, flags: 5 },
      { op: "createTTL" as const, flags: 6 },
    ),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      op: fc.constantFrom("create", "create2", "createContainer", "createTTL"),
      flags: fc.integer({ min: -1, max: 7 }),
    }),
  },
);

const ttlMs = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(1, 1_000, 5_000) },
  { weight: 1, arbitrary: fc.constantFrom(0, -1, 1_099_511_627_775, 1_099_511_627_776) },
);

const createPath = fc.oneof(
  { weight: 12, arbitrary: path },
  { weight: 1, arbitrary: legalPath.map((parent) => `${parent}/`) },
);

const plainCreate: fc.Arbitrary<MultiCreate> = fc
  .record({ kind: createKind, path: createPath, data, acl: acls, ttlMs })
  .map(({ kind, ...rest }) => ({ ...kind, ...rest }));

const create: fc.Arbitrary<CreateRequest> = fc.oneof(
  { weight: 5, arbitrary: plainCreate },
  { weight: 1, arbitrary: plainCreate.map((request) => ({ ...request, parents: true })) },
);

const remove = fc
  .record({ path, version, own: incarnation })
  .map(({ own, ...rest }) => ({ op: "delete" as const, ...rest, ...own }));

const setData = fc
  .record({ path, data, version, own: incarnation })
  .map(({ own, ...rest }) => ({ op: "setData" as const, ...rest, ...own }));

/** A create that rarely fails: a multi of many parts that may would hardly ever succeed. */
const tameCreate: fc.Arbitrary<MultiCreate> = fc
  .record({ parent: fc.constantFrom("", "/a"), data, flags: fc.constantFrom(2, 3) })
  .map(({ parent, ...rest }) => {
    return { op: "create2", path: `${parent}/s-`, acl: OPEN, ttlMs: 0, ...rest };
  });

const part: fc.Arbitrary<MultiOp> = fc.oneof(
  { weight: 6, arbitrary: tameCreate },
  { weight: 2, arbitrary: plainCreate },
  { weight: 2, arbitrary: remove },
  { weight: 2, arbitrary: setData },
  {
    weight: 1,
    arbitrary: fc.record({ op: fc.constant("check" as const), path, version }),
  },
);

/** Limits, stats and their removal, for quotas on a few paths. */
const quota: fc.Arbitrary<TreeWriteRequest> = fc
  .record({
    prefix: fc.constantFrom("/a", "/a", "/a/b"),
    what: fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom("limits", "stats", "set") },
      { weight: 1, arbitrary: fc.constantFrom("delete limits", "delete stats") },
    ),
    count: fc.integer({ min: -1, max: 3 }),
    bytes: fc.integer({ min: -1, max: 8 }),
    isHard: fc.boolean(),
  })
  .map(({ prefix, what, count, bytes, isHard }): TreeWriteRequest => {
    const at = `/zookeeper/quota${prefix}`;
    const soft = isHard ? "count=-1,bytes=-1" : `count=${count},bytes=${bytes}`;
    const hard = isHard ? `=;byteHardLimit=${bytes};countHardLimit=${count}` : "";
    const limits = new TextEncoder().encode(soft + hard);
    const node = (leaf: string, text: Uint8Array): CreateRequest => ({
      op: "create",
      path: `${at}/${leaf}`,
      data: text,
      acl: OPEN,
      flags: 0,
      ttlMs: 0,
      parents: true,
    });
    if (what === "limits") return node("zookeeper_limits", limits);
    if (what === "stats") return node("zookeeper_stats", new Uint8Array(0));
    if (what === "set") {
      return { op: "setData", path: `${at}/zookeeper_limits`, data: limits, version: -1 };
    }
    const leaf = what === "delete stats" ? "zookeeper_stats" : "zookeeper_limits";
    return { op: "delete", path: `${at}/${leaf}`, version: -1 };
  });

const write: fc.Arbitrary<TreeWriteRequest> = fc.oneof(
  { weight: 16, arbitrary: create },
  { weight: 5, arbitrary: remove },
  { weight: 5, arbitrary: setData },
  {
    weight: 1,
    arbitrary: fc.record({ request: setData, orCreate: create }).map(({ request, orCreate }) => ({
      ...request,
      orCreate: { ...orCreate, path: request.path },
    })),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ path, version, own: incarnation })
      .map(({ own, ...rest }) => ({ op: "deleteRecursive" as const, ...rest, ...own })),
  },
  {
    weight: 2,
    arbitrary: fc.record({ op: fc.constant("setACL" as const), path, acl: acls, version }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      op: fc.constant("multi" as const),
      ops: fc.array(part, { maxLength: 4 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ op: fc.constant("reap" as const), path: legalPath }) },
  { weight: 4, arbitrary: quota },
);

const page: fc.Arbitrary<ChildPage> = fc.record({
  after: fc.constantFrom("", "a", "a0", "zz"),
  limit: fc.constantFrom(1, 2, 10, 10_000, 0, 10_001),
  stat: fc.boolean(),
  data: fc.boolean(),
});

const nodeRead = fc.oneof(
  fc.record({ op: fc.constantFrom("getData", "exists"), path, watch: fc.boolean() }),
  fc.record({
    op: fc.constantFrom("getChildren", "getChildren2"),
    path,
    watch: fc.boolean(),
  }),
);

const read: fc.Arbitrary<TreeReadRequest> = fc.oneof(
  { weight: 12, arbitrary: nodeRead },
  {
    weight: 2,
    arbitrary: fc
      .record({ path, page })
      .map((rest) => ({ op: "getChildren2" as const, watch: false, ...rest })),
  },
  { weight: 1, arbitrary: fc.record({ op: fc.constantFrom("getACL", "sync"), path }) },
  {
    weight: 1,
    arbitrary: fc.record({ op: fc.constant("getAllChildrenNumber" as const), path }),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom("", " ", "/", "/a", "/a/b")
      .map((prefixPath) => ({ op: "getEphemerals" as const, prefixPath })),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      op: fc.constant("multiRead" as const),
      ops: fc.array(nodeRead, { maxLength: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ op: "whoAmI" as const }) },
);

const paths = fc.array(path, { maxLength: 3 });

const setWatches: fc.Arbitrary<SetWatchesRequest> = fc.record({
  op: fc.constant("setWatches" as const),
  relativeZxid: fc.nat({ max: 40 }),
  dataWatches: paths,
  existWatches: paths,
  childWatches: paths,
  persistentWatches: paths,
  persistentRecursiveWatches: paths,
});

const step: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 30, arbitrary: fc.record({ do: fc.constant("write" as const), slot, request: write }) },
  {
    weight: 10,
    arbitrary: fc.record({
      do: fc.constant("apply" as const),
      count: fc.integer({ min: 1, max: 5 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("discard" as const), keep: fc.nat(3) }) },
  { weight: 14, arbitrary: fc.record({ do: fc.constant("read" as const), slot, request: read }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("addWatch" as const),
      slot,
      path,
      mode: fc.constantFrom(0, 1),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("removeWatches" as const),
      slot,
      path,
      type: fc.constantFrom(1, 2, 3, 4, 5),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("setWatches" as const), slot, request: setWatches }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("reconnect" as const), slot }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("newSession" as const), slot }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("pass" as const),
      ms: fc.constantFrom(1, 999, 1_000, 4_000, 60_000),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ do: "checkpoint" as const }) },
  { weight: 1, arbitrary: fc.constant({ do: "restart" as const }) },
);

const node = (path: string, own: Partial<CreateRequest> = {}, slotAt = 0): Operation => ({
  do: "write",
  slot: slotAt,
  request: { op: "create2", path, data: null, acl: OPEN, flags: 0, ttlMs: 0, ...own },
});

const LIMITS_TEXT = "count=-1,bytes=-1=;byteHardLimit=20;countHardLimit=9";

/** A tree with some of everything, so that a run need not first be lucky. */
const PRELUDE: readonly Operation[] = [
  node("/a"),
  node("/a/b", { acl: [acl(30, "world", "anyone"), acl(31, "digest", "alice:secret")] }),
  node("/b", {
    op: "createContainer",
    flags: 4,
    acl: [acl(5, "world", "anyone"), acl(31, "digest", "bob:secret")],
  }),
  node("/ab", { op: "createContainer", flags: 4 }),
  node("/a/a", { flags: 1 }),
  node("/a/b/a", { flags: 1 }, 1),
  node("/a/b/b", { op: "createTTL", flags: 5, ttlMs: 5_000 }),
  node("/b/e-", { flags: 3 }, 1),
  node("/zookeeper/quota/a/zookeeper_limits", {
    data: new TextEncoder().encode(LIMITS_TEXT),
    parents: true,
  }),
  node("/zookeeper/quota/a/zookeeper_stats"),
  { do: "addWatch", slot: 1, path: "/a", mode: 0 },
  { do: "addWatch", slot: 2, path: "/", mode: 1 },
  { do: "apply", count: 10 },
];

const steps = fc.array(step, { minLength: 1, maxLength: 120, size: "max" });

/** A run, on an empty tree or behind the prelude. */
export const run: fc.Arbitrary<readonly Operation[]> = fc.oneof(
  { weight: 1, arbitrary: steps },
  { weight: 3, arbitrary: steps.map((rest) => [...PRELUDE, ...rest]) },
);
