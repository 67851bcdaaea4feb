import type { AclEntry } from "./operation.ts";
import type { Random } from "./random.ts";

const NAMES = ["a", "b", "c", "d"];
const LEAVES = ["a", "b", "c", "d", "s-0000000000", "s-0000000001", "s-0000000003", "0000000002"];

/** Paths that break a rule, or nearly. */
const ODD_PATHS: readonly (string | null)[] = [
  null,
  "!",
  "!a",
  "!a/b",
  "!/",
  "!//",
  "!/zookeeper",
  "!/zookeeper/config",
  "!/zookeeper/quota",
  "!{R}/",
  "//a",
  "/a/",
  "/a//b",
  "/.",
  "/a/..",
  "/./a",
  "/..a",
  "/a..",
  "/...",
  "/a b",
  "/a\u0000",
  "/a\u0001",
  "/a\u007f",
  "/a\u00a0",
  "/\u00e9",
  "/\u{1f600}",
  "/\ud7ff",
  "/\ue000",
  "/\uf8ff",
  "/\uf900",
  "/\ufeff",
  "/\uffef",
  "/\ufff0",
  "/\ufffd",
  "/\\",
  "/*",
  "/:",
  "/%2F",
  `/${"n".repeat(300)}`,
];

/** A path from a pool so small that scripts meet their own nodes again. */
export function somePath(random: Random): string {
  const depth = random.weighted([
    [1, 0],
    [6, 1],
    [6, 2],
    [2, 3],
  ]);
  if (depth === 0) return "";
  const parents = Array.from({ length: depth - 1 }, () => random.pick(NAMES));
  return ["", ...parents, random.pick(LEAVES)].join("/");
}

/** Sometimes a path that breaks a rule. */
export function anyPath(random: Random): string | null {
  return random.oneIn(40) ? random.pick(ODD_PATHS) : somePath(random);
}

/** A prefix for a sequential create. */
export function sequentialPath(random: Random): string {
  const parent = random.oneIn(3) ? "" : `/${random.pick(NAMES)}`;
  return `${parent}/${random.pick(["s-", "", "a"])}`;
}

/** Data: null, empty, short, long. */
export function someData(random: Random): string | null {
  return random.weighted<string | null>([
    [2, null],
    [3, ""],
    [10, random.pick(["x", "hello", "\u00fc\u20ac", "0"])],
    [1, "*5000"],
  ]);
}

/** A version that may or may not be the node's. */
export function someVersion(random: Random): number {
  return random.weighted([
    [8, -1],
    [6, 0],
    [4, 1],
    [2, 2],
    [1, 3],
    [1, -2],
    [1, 2_147_483_647],
    [1, -2_147_483_648],
  ]);
}

/** `user:base64(SHA1(user:password))` of the users `u0:pw`, `u1:pw`, `u2:pw`. */
export const DIGESTS: readonly string[] = [
  "u0:xQYL0QvBy/fjFtdyEedzRg8Ebuw=",
  "u1:iMa4jTJUXtsOZxv2bTb8Lfyby5M=",
  "u2:2l09ebH09zjo01SLYZ6Ipq2SrYo=",
];

/** Everybody may do everything. */
export const OPEN_ACL: readonly AclEntry[] = [{ perms: 31, scheme: "world", id: "anyone" }];

/** Lists that are refused. */
const BAD_ACLS: readonly (readonly AclEntry[] | null)[] = [
  null,
  [],
  [{ perms: 31, scheme: "world", id: "someone" }],
  [{ perms: 31, scheme: "nobody", id: "anyone" }],
  [{ perms: 31, scheme: null, id: "anyone" }],
  [{ perms: 31, scheme: "", id: "" }],
  [{ perms: 31, scheme: "digest", id: "no-colon" }],
  [{ perms: 31, scheme: "digest", id: "a:b:c" }],
  [{ perms: 31, scheme: "ip", id: "300.0.0.1" }],
  [{ perms: 31, scheme: "ip", id: "10.0.0.0/33" }],
  [{ perms: 31, scheme: "super", id: "" }],
];

/** What an ACL lets everybody do beside its owner. */
export type Openness = "open" | "readable" | "closed";

/**
 * An ACL with an owner who may administrate: `open` to everybody; `readable`, so that reads and
 * events don't depend on who asks; or `closed`.
 */
export function someAcl(random: Random, openness: Openness): readonly AclEntry[] | null {
  if (random.oneIn(30)) return random.pick(BAD_ACLS);
  if (openness === "open" || random.oneIn(2)) return OPEN_ACL;
  const owner = { perms: 31, scheme: "digest", id: random.pick(DIGESTS) };
  const world = (perms: number): AclEntry => ({ perms, scheme: "world", id: "anyone" });
  const minimum = openness === "readable" ? 1 : 0;
  const others = [
    world(minimum | random.below(16)),
    { perms: minimum | random.below(32), scheme: "ip", id: "127.0.0.1" },
    { perms: minimum | random.below(32), scheme: "ip", id: "127.0.0.0/8" },
    { perms: random.below(32), scheme: "ip", id: "10.0.0.0/8" },
    { perms: random.below(32), scheme: "digest", id: random.pick(DIGESTS) },
    { perms: 31, scheme: "auth", id: "" },
  ];
  const entries = [owner, ...(openness === "readable" ? [world(1)] : []), random.pick(others)];
  return random.oneIn(8) ? [...entries, owner] : entries;
}
