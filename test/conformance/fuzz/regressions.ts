import type { Script } from "./script.ts";
import { DIGESTS, OPEN_ACL } from "./vocabulary.ts";

const ALONE = { sessions: 2, isParallel: false } as const;
const create = { op: "create", path: "/a", data: "", acl: OPEN_ACL, flags: 0 } as const;
const sync = { op: "sync", path: "" } as const;

/** Scripts that once showed a difference; they run before all others. */
export const REGRESSIONS: readonly Script[] = [
  {
    ...ALONE,
    name: "every kind of create in a multi",
    steps: [
      {
        kind: "requests",
        session: 0,
        cut: 0,
        operations: [
          {
            op: "multi",
            parts: [
              create,
              { ...create, op: "create2", path: "/b" },
              { ...create, op: "createContainer", path: "/c", flags: 4 },
              { ...create, op: "createContainer", path: "/d" },
              { ...create, path: "/e", flags: 4 },
              { ...create, op: "createTTL", path: "/f", flags: 5, ttl: 100_000_000 },
            ],
          },
          { op: "getChildren2", path: "", watch: false },
        ],
      },
    ],
  },
  {
    ...ALONE,
    name: "flags in a multi that no create mode has",
    steps: [
      {
        kind: "requests",
        session: 0,
        cut: 0,
        operations: [{ op: "multi", parts: [create, { ...create, flags: 7 }] }, sync],
      },
    ],
  },
  {
    ...ALONE,
    name: "a malformed write and the zxids behind it",
    steps: [
      {
        kind: "requests",
        session: 0,
        cut: 0,
        operations: [
          { op: "delete", path: "/a", version: 0, damage: { keep: 7 } },
          sync,
          create,
          { ...create, path: null },
          { ...create, path: null, flags: 5 },
          { op: "setData", path: null, data: "", version: -1 },
          sync,
        ],
      },
    ],
  },
  {
    ...ALONE,
    name: "a path with an astral character",
    steps: [
      {
        kind: "requests",
        session: 0,
        cut: 0,
        operations: [
          { op: "sync", path: "/\u{1f600}" },
          { op: "exists", path: "/\u{1f600}", watch: true },
          { ...create, path: "/\u{1f600}" },
        ],
      },
    ],
  },
  {
    ...ALONE,
    name: "a close under a recursive watch of its own",
    steps: [
      {
        kind: "requests",
        session: 0,
        cut: 0,
        operations: [
          { op: "addWatch", path: "", kind: 1 },
          { ...create, flags: 1 },
          { ...create, path: "/s-", flags: 3 },
        ],
      },
      { kind: "close", session: 0 },
    ],
  },
  {
    ...ALONE,
    name: "an ACL of auth beside the entry it stands for",
    steps: [
      {
        kind: "requests",
        session: 0,
        cut: 0,
        operations: [{ op: "auth", scheme: "digest", auth: "u0:pw" }],
      },
      {
        kind: "requests",
        session: 0,
        cut: 0,
        operations: [
          {
            ...create,
            acl: [
              { perms: 31, scheme: "digest", id: DIGESTS[0] ?? null },
              { perms: 31, scheme: "auth", id: "" },
            ],
          },
          { op: "getACL", path: "/a" },
        ],
      },
    ],
  },
  {
    ...ALONE,
    name: "sync without a path",
    steps: [
      {
        kind: "requests",
        session: 0,
        cut: 0,
        operations: [
          { op: "sync", path: null },
          { op: "getEphemerals", path: null },
        ],
      },
    ],
  },
  {
    ...ALONE,
    name: "all children of the empty path",
    steps: [
      {
        kind: "requests",
        session: 0,
        cut: 0,
        operations: [
          { op: "getAllChildrenNumber", path: "!" },
          { op: "getAllChildrenNumber", path: "!/" },
        ],
      },
    ],
  },
  {
    ...ALONE,
    name: "watches on the empty path",
    steps: [
      {
        kind: "requests",
        session: 1,
        cut: 0,
        operations: [
          { op: "delete", path: "", version: 0 },
          { op: "getChildren2", path: "!", watch: true },
          { op: "getData", path: "!", watch: true },
          { op: "addWatch", path: "!", kind: 1 },
        ],
      },
      { kind: "requests", session: 0, cut: 0, operations: [{ ...create, path: "", flags: 1 }] },
    ],
  },
];
