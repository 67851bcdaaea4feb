import type { Normal } from "./normalise.ts";

/** A difference between the two servers that is meant to be. */
export interface IntendedDifference {
  readonly name: string;
  readonly reason: string;
  /** Whether this is why `zooKeeper` and `edgekeeper`, in the same place, differ. */
  explains(zooKeeper: Normal, edgekeeper: Normal): boolean;
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
    name: "malformed multiRead",
    reason: "ZooKeeper sends the results so far behind the error −5; a client can't read them",
    explains: (a, b) =>
      a.request?.op === "multiRead" && a.fields["err"] === -5 && sameBut(["body"], a, b),
  },
];

/** Whether two items agree in all but some fields. */
function sameBut(names: readonly string[], a: Normal, b: Normal): boolean {
  return a.kind === b.kind && without(names, a) === without(names, b);
}

function without(names: readonly string[], { fields }: Normal): string {
  return JSON.stringify(Object.entries(fields).filter(([name]) => !names.includes(name)));
}
