import type { Observation } from "./observe.ts";

/** A difference between the two servers that is meant to be. */
export interface IntendedDifference {
  readonly name: string;
  readonly reason: string;
  readonly explains: (zooKeeper: Observation, edgekeeper: Observation) => boolean;
}

/** The only differences that are let pass; each use of one is counted and reported. */
export const INTENDED: readonly IntendedDifference[] = [
  {
    name: "large handshake",
    reason: "no handshake has more than 1 KiB: ZooKeeper waits for up to 1 MiB of it",
    explains: (a, b) => isSilent(a) && a.end === "kept open" && isSilent(b) && b.end === "closed",
  },
  {
    name: "createSession by a client",
    reason: "an operation of servers among themselves: 3.8 stumbles over its body and goes on",
    explains: (a, b) => a.replies[1] === "reply 1 zxid -5 +0 bytes" && refuses(b),
  },
];

function isSilent({ replies }: Observation): boolean {
  return replies.length === 0;
}

function refuses({ replies, end }: Observation): boolean {
  return end === "closed" && replies.at(-1) === "reply 1 -1 -6 +0 bytes";
}
