import type { Operation } from "./operation.ts";

/** One thing that happens to one session. */
export type Step =
  | {
      /** Sends all of them without waiting for an answer. */
      readonly kind: "requests";
      readonly session: number;
      readonly operations: readonly Operation[];
      /** Cuts the bytes into pieces of this size, sent one by one; 0 for one piece. */
      readonly cut: number;
    }
  | {
      /** Resumes the session on a new connection, after or before the old one is closed. */
      readonly kind: "reconnect";
      readonly session: number;
      readonly isTakeover: boolean;
    }
  | {
      /** Closes the session and opens another. */
      readonly kind: "close";
      readonly session: number;
    };

/** What the fuzzer sends to each server; it depends on nothing but itself. */
export interface Script {
  /** A seed, or the name of a regression. */
  readonly name: string;
  readonly sessions: number;
  /**
   * Whether the sessions go on at the same time, each in a subtree of its own. Their zxids then
   * depend on the moment, and only the order of each session's own is compared.
   */
  readonly isParallel: boolean;
  readonly steps: readonly Step[];
}

/** How many requests a script sends. */
export function operationsCount(script: Script): number {
  return script.steps.reduce(
    (sum, step) => sum + (step.kind === "requests" ? step.operations.length : 1),
    0,
  );
}
