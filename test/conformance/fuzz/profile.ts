import type { Openness } from "./vocabulary.ts";

/** What a script is about: which requests it prefers, which it leaves out. */
export interface Profile {
  readonly name: string;
  /** How often the generator picks it. */
  readonly weight: number;
  readonly sessions: number;
  readonly isParallel: boolean;
  readonly openness: Openness;
  /** Kinds of requests by weight; see `GENERATORS` of generate.ts. */
  readonly kinds: readonly (readonly [number, Kind])[];
  /** Whether requests are sent before those in front of them are answered. */
  readonly isPipelined: boolean;
  /** One request in so many is damaged; 0 for none. */
  readonly damageOneIn: number;
}

/** The names of the generators of requests. */
export type Kind =
  | "create"
  | "sequential"
  | "delete"
  | "setData"
  | "setACL"
  | "exists"
  | "read"
  | "getACL"
  | "multi"
  | "multiRead"
  | "watch"
  | "checkWatches"
  | "setWatches"
  | "auth"
  | "sundry"
  | "quota";

const WRITES = [
  [20, "create"],
  [10, "sequential"],
  [12, "delete"],
  [12, "setData"],
] as const;

const BASE = {
  sessions: 3,
  isParallel: false,
  isPipelined: true,
  openness: "open",
  damageOneIn: 0,
} as const;

/** What scripts are made of. */
export const PROFILES: readonly Profile[] = [
  {
    ...BASE,
    name: "general",
    weight: 5,
    kinds: [
      ...WRITES,
      [2, "setACL"],
      [8, "exists"],
      [16, "read"],
      [3, "getACL"],
      [10, "multi"],
      [3, "multiRead"],
      [4, "watch"],
      [2, "checkWatches"],
      [2, "setWatches"],
      [6, "sundry"],
    ],
  },
  {
    ...BASE,
    name: "watches",
    weight: 4,
    kinds: [
      ...WRITES,
      [10, "exists"],
      [14, "read"],
      [8, "multi"],
      [10, "watch"],
      [5, "checkWatches"],
      [6, "setWatches"],
    ],
  },
  {
    ...BASE,
    name: "acl",
    weight: 2,
    openness: "readable",
    kinds: [
      ...WRITES,
      [8, "setACL"],
      [4, "exists"],
      [8, "read"],
      [8, "getACL"],
      [6, "multi"],
      [3, "multiRead"],
      [4, "watch"],
      [4, "auth"],
      [4, "sundry"],
    ],
  },
  {
    // Without watches and exists: current releases check READ for them, 3.8.0 does not.
    ...BASE,
    name: "closed",
    weight: 2,
    openness: "closed",
    kinds: [
      ...WRITES,
      [8, "setACL"],
      [8, "read"],
      [8, "getACL"],
      [8, "multi"],
      [3, "multiRead"],
      [4, "auth"],
      [3, "sundry"],
    ],
  },
  {
    // One by one: ZooKeeper holds a write against the usage that it has already applied.
    ...BASE,
    name: "quota",
    weight: 1,
    sessions: 2,
    isPipelined: false,
    kinds: [...WRITES, [8, "quota"], [8, "multi"], [6, "read"], [3, "exists"]],
  },
  {
    ...BASE,
    name: "parallel",
    weight: 3,
    sessions: 6,
    isParallel: true,
    kinds: [
      ...WRITES,
      [8, "exists"],
      [16, "read"],
      [8, "multi"],
      [3, "multiRead"],
      [4, "watch"],
      [3, "setACL"],
    ],
  },
  {
    ...BASE,
    name: "damaged",
    weight: 1,
    sessions: 2,
    damageOneIn: 3,
    kinds: [
      ...WRITES,
      [4, "setACL"],
      [6, "exists"],
      [8, "read"],
      [4, "getACL"],
      [6, "multi"],
      [2, "multiRead"],
      [2, "watch"],
      [4, "setWatches"],
      [4, "sundry"],
    ],
  },
];
