import type { Zxid } from "./zxid.ts";

/**
 * What a read in an ensemble sees: everything that was acknowledged before it by anybody, or what
 * the member that is asked has, without asking the others.
 */
export type Consistency = "linearizable" | "local";

/** What may travel beside a request; no part of it reaches prep or the tree. */
export interface RequestOptions {
  /** A retry with the same key gets the first answer. Writes only. */
  readonly idempotencyKey?: string;
  /** Answer not before this zxid is applied. */
  readonly minZxid?: Zxid;
  /** A read that must not depend on the platform's single-owner promise. */
  readonly isStrict?: boolean;
  /** Of this read; absent = what its connection has. */
  readonly consistency?: Consistency;
}
