import type { Normal } from "./normalise.ts";
import type { Operation } from "./operation.ts";
import type { Value } from "./reply.ts";

/** A difference between the two servers that is meant to be. */
export interface IntendedDifference {
  readonly name: string;
  readonly reason: string;
  /** Whether this is why `zooKeeper` and `edgekeeper`, in the same place, differ. */
  readonly explains: (zooKeeper: Normal, edgekeeper: Normal) => boolean;
}

/** The only differences that a comparison lets pass; each use of one is counted and reported. */
export const INTENDED: readonly IntendedDifference[] = [
  {
    name: "event zxid",
    reason: "since 3.9.0 an event carries the zxid of its txn (ZOOKEEPER-4655), in 3.8 −1",
    explains: (a, b) => a.kind === "event" && a.fields["zxid"] === "-1" && sameBut(["zxid"], a, b),
  },
  {
    name: "checkWatches of others",
    reason: "3.8.0 says yes when any connection watches the path; since 3.9 only one's own counts",
    explains: (a, b) =>
      a.request?.op === "checkWatches" && a.fields["err"] === 0 && b.fields["err"] === -121,
  },
  {
    name: "exists without READ",
    reason: "3.8.0 shows the Stat to everybody; current releases ask for READ (ZOOKEEPER-2590)",
    explains: (a, b) =>
      a.request?.op === "exists" && a.fields["err"] === 0 && b.fields["err"] === -102,
  },
  {
    name: "malformed multiRead",
    reason: "ZooKeeper sends the results so far behind the error −5; a client can't read them",
    explains: (a, b) =>
      a.request?.op === "multiRead" && a.fields["err"] === -5 && sameBut(["body"], a, b),
  },
  {
    name: "Stat in a multi",
    reason: "since 3.9 create2 and createContainer in a multi answer as alone; in 3.8 as create",
    explains: (a, b) => a.request?.op === "multi" && sameButStats(a, b),
  },
  {
    name: "bad flags in a multi",
    reason: "since 3.9 flags that no create mode has make the whole multi malformed, −5",
    explains: (a, b) =>
      a.request?.op === "multi" &&
      a.request.parts.some(hasBadFlags) &&
      JSON.stringify(a.fields["body"]).includes('"type":-1') &&
      b.fields["err"] === -5 &&
      sameBut(["err", "body"], a, b),
  },
  {
    name: "astral characters",
    reason: "ZooKeeper writes one as two surrogates of three bytes, which is no UTF-8",
    explains: (a, b) =>
      a.request?.op === "sync" &&
      /[\ud800-\udbff]/.test(a.request.path ?? "") &&
      sameBut(["body"], a, b),
  },
  {
    name: "sync without a path",
    reason: "a missing path is echoed as an empty one; no client sends it",
    explains: (a, b) =>
      a.request?.op === "sync" && a.request.path === null && sameBut(["body"], a, b),
  },
  {
    name: "bad flags without a path",
    reason: "ZooKeeper looks at the flags before it stumbles over the missing path",
    explains: (a, b) =>
      a.request !== undefined &&
      "path" in a.request &&
      a.request.path === null &&
      // Damage may hit the flags.
      (hasBadFlags(a.request) || a.request.damage !== undefined) &&
      a.fields["err"] === -8 &&
      b.fields["err"] === -5,
  },
];

/** A reply that a malformed write takes a zxid for on ZooKeeper and none on edgekeeper. */
export const MALFORMED_WRITE = {
  name: "malformed write",
  reason: "a request that can't be read is refused before it is given a zxid",
};

function hasBadFlags(part: Operation): boolean {
  return "flags" in part && (part.flags < 0 || part.flags > 4);
}

/** Whether two replies to a multi agree but for creates that only one of them has a Stat for. */
function sameButStats(a: Normal, b: Normal): boolean {
  const [results, others] = [a.fields["body"], b.fields["body"]];
  if (!Array.isArray(results) || !Array.isArray(others)) return false;
  const isSame = (result: Value, index: number) => {
    const other = others[index] as { type?: Value; result?: { path?: Value } } | undefined;
    const mine = result as { type?: Value; result?: Value };
    if (mine.type === 1 && other?.type === 15) return mine.result === other.result?.path;
    return JSON.stringify(result) === JSON.stringify(other);
  };
  return results.length === others.length && results.every(isSame) && sameBut(["body"], a, b);
}

/** Whether two items agree in all but some fields. */
function sameBut(names: readonly string[], a: Normal, b: Normal): boolean {
  return a.kind === b.kind && without(names, a) === without(names, b);
}

function without(names: readonly string[], { fields }: Normal): string {
  return JSON.stringify(Object.entries(fields).filter(([name]) => !names.includes(name)));
}
