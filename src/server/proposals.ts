import { assert } from "../core/assert.ts";
import type { Failure } from "../core/keeper-error.ts";
import type { Prepared } from "../core/prep.ts";
import type { LoggedTxn } from "../core/txn.ts";
import type { Zxid } from "../core/zxid.ts";
import { encodeBatch } from "../storage/log-batch.ts";
import type { LogRow } from "../zab/log-row.ts";
import type { Queued } from "./connection.ts";
import { Fifo } from "../core/fifo.ts";
import type { ConnectionId } from "./input.ts";

/** The queue entry that waits for a txn. */
export interface Owner {
  readonly connection: ConnectionId;
  readonly queued: Queued;
}

/** A txn on its way through the log. */
export interface Proposal {
  readonly logged: LoggedTxn;
  /** Why it is an error, for its owner alone. */
  readonly failure: Failure | undefined;
  /** Absent for what the server does by its own hand. */
  readonly owner: Owner | undefined;
}

/**
 * Txns that prep made and the tree does not have yet, in zxid order.
 *
 *     applied │ persisted │ appended │ prepared, not flushed
 *             └──────────── here ────────────┘
 *
 * Source: ZooKeeper `CommitProcessor`, `Leader.outstandingProposals`.
 */
export class Proposals {
  readonly #proposals = new Fifo<Proposal>();
  /** Those of the current turn: the next batch. */
  #unflushed: LoggedTxn[] = [];
  #lastZxid: Zxid;
  /** A txn that must be a batch of its own with nothing else under way, until it is applied. */
  #loneZxid: Zxid | undefined;

  constructor(lastZxid: Zxid) {
    this.#lastZxid = lastZxid;
  }

  /** Of the last txn given out, be it applied or not. */
  get lastZxid(): Zxid {
    return this.#lastZxid;
  }

  /** Number of txns that a flush would take now. */
  get flushableCount(): number {
    const { length } = this.#unflushed;
    if (this.#loneZxid === undefined) return length;
    const at = this.#unflushed.findIndex(({ header }) => header.zxid === this.#loneZxid);
    // Before it comes what was prepared before; behind it nothing, until it is applied.
    if (at !== 0) return Math.max(at, 0);
    return this.#proposals.length === length ? 1 : 0;
  }

  /** Of the last txn that a flush has taken, or that was learned. */
  get lastFlushedZxid(): Zxid {
    const [first] = this.#unflushed;
    return first === undefined ? this.#lastZxid : first.header.zxid - 1;
  }

  /** A txn that changes the configuration is under way. */
  get hasLone(): boolean {
    return this.#loneZxid !== undefined;
  }

  /** The first one that is not applied. */
  peek(): Proposal | undefined {
    return this.#proposals.peek();
  }

  /** Takes in what prep made. @throws AssertionError if its zxid is not above the last one's. */
  add({ logged, failure }: Prepared, owner?: Owner): void {
    const { zxid } = logged.header;
    assert(zxid > this.#lastZxid, () => `proposal ${zxid} behind ${this.#lastZxid}`);
    this.#lastZxid = zxid;
    this.#proposals.push({ logged, failure, owner });
    this.#unflushed.push(logged);
  }

  /** Like {@link add}, for a txn that is to be a batch of its own with nothing else under way. */
  addLone(prepared: Prepared, owner?: Owner): void {
    this.add(prepared, owner);
    this.#loneZxid = prepared.logged.header.zxid;
  }

  /** Takes in a txn that is in the log already, because the leader made it. */
  learn(proposal: Proposal): void {
    const { zxid } = proposal.logged.header;
    assert(zxid > this.#lastZxid, () => `learned ${zxid} behind ${this.#lastZxid}`);
    assert(this.#unflushed.length === 0, "a learner prepares nothing");
    this.#lastZxid = zxid;
    this.#proposals.push(proposal);
  }

  /** The rows of what was prepared since the last call: one batch, none if there is nothing. */
  takeRows(): LogRow[] {
    const count = this.flushableCount;
    if (count === 0) return [];
    const txns =
      count === this.#unflushed.length ? this.#unflushed : this.#unflushed.slice(0, count);
    this.#unflushed = count === this.#unflushed.length ? [] : this.#unflushed.slice(count);
    return encodeBatch(txns);
  }

  /** Takes the first one, to apply it. */
  shift(): Proposal {
    const proposal = this.#proposals.shift();
    assert(proposal !== undefined, "nothing is proposed");
    const { zxid } = proposal.logged.header;
    assert((this.#unflushed[0]?.header.zxid ?? Infinity) > zxid, "committed what was not flushed");
    if (this.#loneZxid === zxid) this.#loneZxid = undefined;
    return proposal;
  }

  /** Takes out everything after `zxid` and returns it: it never happened. */
  discardAfter(zxid: Zxid): Proposal[] {
    const isKept = ({ header }: LoggedTxn): boolean => header.zxid <= zxid;
    this.#unflushed = this.#unflushed.filter(isKept);
    this.#lastZxid = Math.min(this.#lastZxid, zxid);
    if (this.#loneZxid !== undefined && this.#loneZxid > zxid) this.#loneZxid = undefined;
    return this.#proposals.cutAfter(({ logged }) => isKept(logged));
  }
}
