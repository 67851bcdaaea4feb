import type { Create, Operation } from "./operation.ts";
import type { Kind, Profile } from "./profile.ts";
import type { Random } from "./random.ts";
import { ownSubtree } from "./run-script.ts";
import { anyPath, sequentialPath, someAcl, someData, somePath, someVersion } from "./vocabulary.ts";

interface Generating {
  readonly random: Random;
  readonly profile: Profile;
  readonly session: number;
}

/** One request, or a few that belong together, of a kind. */
export function generateOperation(kind: Kind, generating: Generating): Operation | Operation[] {
  return GENERATORS[kind](generating);
}

const GENERATORS: Readonly<Record<Kind, (generating: Generating) => Operation | Operation[]>> = {
  create,
  sequential,
  delete: deleteNode,
  setData,
  setACL,
  exists: (generating) => watching("exists", generating),
  read: (generating) =>
    watching(generating.random.pick(["getData", "getChildren", "getChildren2"]), generating),
  getACL: (generating) => ({ op: "getACL", path: below(pathFor(generating), generating) }),
  multi,
  multiRead,
  watch: addWatch,
  checkWatches,
  setWatches,
  auth: ({ random, session }) =>
    random.oneIn(3)
      ? { op: "whoAmI" }
      : { op: "auth", scheme: "digest", auth: `u${session % 3}:pw` },
  sundry,
  quota,
};

/** In a parallel script a session keeps to its own subtree. */
function below(path: string | null, { profile, session }: Generating): string | null {
  return profile.isParallel ? ownSubtree(session) + (path ?? "") : path;
}

/** Any path; none outside its subtree for a session of a parallel script. */
function pathFor({ random, profile }: Generating): string | null {
  const path = anyPath(random);
  const isOutside = path === null || path.startsWith("!");
  return profile.isParallel && isOutside ? somePath(random) : path;
}

const OPS = ["create", "create2", "create", "create2", "createContainer", "createTTL"] as const;

function create(generating: Generating): Operation {
  const { random, profile } = generating;
  const op = random.pick(OPS);
  return {
    op,
    path: below(pathFor(generating), generating),
    data: someData(random),
    acl: someAcl(random, profile.openness),
    ...flagsOf(op, random),
  };
}

/**
 * Flags of TTL nodes keep to TTL nodes: others kill Apache ZooKeeper 3.8.0. Containers are never
 * ephemeral: whether ZooKeeper then lets them have children depends on how far it is.
 */
function flagsOf(op: Create["op"], random: Random): { flags: number; ttl?: number } {
  if (op === "createTTL") {
    const ttl = random.pick([100_000_000, 1_099_511_627_775, 1_099_511_627_776, 0, -1]);
    return { flags: 5, ttl };
  }
  if (op === "createContainer") return { flags: random.pick([4, 4, 4, 0]) };
  return { flags: random.pick([0, 0, 0, 0, 0, 1, 1, 1, 4, 5, 6, 7, -1]) };
}

function sequential(generating: Generating): Operation {
  const { random, profile } = generating;
  const op = random.pick(OPS);
  const flags = op === "createTTL" ? 6 : random.pick([2, 2, 3]);
  return {
    op,
    path: below(sequentialPath(random), generating),
    data: someData(random),
    acl: someAcl(random, profile.openness),
    flags: op === "createContainer" ? 2 : flags,
    ...(op === "createTTL" ? { ttl: 100_000_000 } : {}),
  };
}

function deleteNode(generating: Generating): Operation {
  const { random } = generating;
  const path = below(pathFor(generating), generating);
  return { op: "delete", path, version: someVersion(random) };
}

/** A path to write to: not outside the root, where it would stay for the scripts to come. */
function writable(random: Random): string | null {
  const path = anyPath(random);
  return path?.startsWith("!/") === true ? somePath(random) : path;
}

function setData(generating: Generating): Operation {
  const { random } = generating;
  const path = below(writable(random), generating);
  return { op: "setData", path, data: someData(random), version: someVersion(random) };
}

function setACL(generating: Generating): Operation {
  const { random, profile } = generating;
  // The root stays open, or the script would come to an early end.
  const path = below(writable(random) || "/a", generating);
  const acl = someAcl(random, profile.openness);
  return { op: "setACL", path, acl, version: someVersion(random) };
}

function watching(
  op: "exists" | "getData" | "getChildren" | "getChildren2",
  generating: Generating,
): Operation {
  const { random, profile } = generating;
  const path = pathFor(generating);
  const watch = random.oneIn(2) && profile.openness !== "closed" && watchModeOf(path) === undefined;
  return { op, path: below(path, generating), watch };
}

/**
 * The mode of the persistent watches on a path, undefined for standard watches. One connection never
 * has two modes on a path: 3.8.0 keeps only the last of them, current releases keep all.
 */
function watchModeOf(path: string | null): number | undefined {
  if (path === "" || path === "/b" || path?.startsWith("/b/") === true) return 1;
  return path?.endsWith("/d") === true ? 0 : undefined;
}

function addWatch(generating: Generating): Operation {
  const { random } = generating;
  const path = somePath(random);
  const mode = watchModeOf(path);
  if (mode === undefined) return watching("exists", generating);
  const kind = random.oneIn(20) ? random.pick([-1, 2, 99]) : mode;
  return { op: "addWatch", path: below(path, generating), kind };
}

function checkWatches(generating: Generating): Operation {
  const { random } = generating;
  const path = somePath(random);
  const kind = watchModeOf(path) === undefined ? 1 + random.below(3) : 3;
  const op = random.pick(["checkWatches", "removeWatches", "removeWatches"] as const);
  return { op, path: below(path, generating), kind };
}

function setWatches(generating: Generating): Operation {
  const { random, profile } = generating;
  const some = (mode: number | undefined) =>
    Array.from({ length: random.below(4) }, () => somePath(random)).filter(
      (path) => watchModeOf(path) === mode,
    );
  const lists = [some(undefined), some(undefined), some(undefined)];
  // Among malformed writes the two servers' zxids drift apart; then only before and after are sure.
  const since = profile.damageOneIn > 0 ? random.pick([-5, 1_000_000]) : random.below(60) - 5;
  if (random.oneIn(2)) return { op: "setWatches", since, lists };
  return { op: "setWatches2", since, lists: [...lists, some(0), some(1)] };
}

function multi(generating: Generating): Operation {
  const { random, profile } = generating;
  const part = (): Operation => {
    const operation = generateOperation(
      random.pick(["create", "sequential", "delete", "setData"] as const),
      generating,
    );
    if (Array.isArray(operation)) throw new Error("a part is one request");
    if (!random.oneIn(5)) return harmlessInMulti(operation);
    const path = below(pathFor(generating) ?? "", generating);
    return { op: "check", path, version: someVersion(random) };
  };
  // Where each write waits for the one before it, so does each part: a multi has only one.
  const most = profile.isPipelined ? random.pick([3, 3, 8]) : 2;
  const parts = Array.from({ length: random.below(most) }, part);
  // A part that is no write makes the whole request malformed.
  if (random.oneIn(40)) parts.push(watching("getData", generating));
  return { op: "multi", parts };
}

/**
 * Flags of TTL nodes in a plain create of a multi make ZooKeeper forget to roll back the parts before
 * it, until the next write has been applied; with a missing path it forgets to take a zxid.
 */
function harmlessInMulti(operation: Operation): Operation {
  const here =
    "path" in operation && operation.path === null ? { ...operation, path: "" } : operation;
  const isPlain = here.op === "create" || here.op === "create2";
  return isPlain && (here.flags === 5 || here.flags === 6) ? { ...here, flags: 0 } : here;
}

function multiRead(generating: Generating): Operation {
  const { random } = generating;
  const part = () => watching(random.pick(["getData", "getChildren"]), generating);
  const parts = Array.from({ length: random.below(5) }, part);
  if (random.oneIn(40)) parts.push(deleteNode(generating));
  return { op: "multiRead", parts };
}

function sundry(generating: Generating): Operation {
  const { random } = generating;
  const op = random.pick(["sync", "getEphemerals", "getAllChildrenNumber", "ping", "whoAmI", "x"]);
  const path = below(pathFor(generating), generating);
  switch (op) {
    case "sync":
    case "getEphemerals":
    case "getAllChildrenNumber":
      return { op, path };
    case "ping":
    case "whoAmI":
      return { op };
    default:
      return { op: random.pick(["reconfig", "sasl"]) };
  }
}

const LIMITS: readonly string[] = [
  "count=3,bytes=-1",
  "count=-1,bytes=-1=;byteHardLimit=-1;countHardLimit=4",
  "count=-1,bytes=-1=;byteHardLimit=12;countHardLimit=-1",
  "count=2,bytes=3=;byteHardLimit=20;countHardLimit=5",
];

/** The requests zkCli makes for setquota, listquota and delquota. */
function quota(generating: Generating): Operation[] {
  const { random } = generating;
  const node = random.pick(["", "/a", "/a", "/b"]);
  const quotaPath = `!/zookeeper/quota{R}${node}`;
  const acl = [{ perms: 31, scheme: "world", id: "anyone" }];
  const limits = `${quotaPath}/zookeeper_limits`;
  const stats = `${quotaPath}/zookeeper_stats`;
  switch (random.below(4)) {
    case 0:
      return [
        { op: "getData", path: limits, watch: false },
        { op: "getData", path: stats, watch: false },
      ];
    case 1:
      return [
        { op: "delete", path: limits, version: -1 },
        { op: "delete", path: stats, version: -1 },
      ];
    case 2:
      return [{ op: "setData", path: limits, data: random.pick(LIMITS), version: -1 }];
    default: {
      const make = (path: string, data: string): Operation => ({
        op: "create",
        path,
        data,
        acl,
        flags: 0,
      });
      return [
        make("!/zookeeper/quota{R}", ""),
        make(quotaPath, ""),
        make(limits, random.pick(LIMITS)),
        make(stats, "count=0,bytes=0"),
      ];
    }
  }
}
