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

  constructor(lastZxid: Zxid) {
    this.#lastZxid = lastZxid;
  }

  /** Number of txns that wait for the next flush. */
  get unflushedCount(): number {
    return this.#unflushed.length;
  }

  /** The first one that is not applied. */
  peek(): Proposal | undefined {
    return this.#proposals.peek();
  }

  /** Takes in what prep made. @throws AssertionError if its zxid is not above the last one's. */
  add({ logged, failure }: Prepared, owner?: Owner): void {
    const { zxid } = logged.header;
    assert(zxid > this.#lastZxid, `proposal ${zxid} behind ${this.#lastZxid}`);
    this.#lastZxid = zxid;
    this.#proposals.push({ logged, failure, owner });
    this.#unflushed.push(logged);
  }

  /** The rows of everything prepared since the last call: one batch, none if there is nothing. */
  takeRows(): LogRow[] {
    const txns = this.#unflushed;
    this.#unflushed = [];
    return txns.length === 0 ? [] : encodeBatch(txns);
  }

  /** Takes the first one, to apply it. */
  shift(): Proposal {
    const proposal = this.#proposals.shift();
    assert(proposal !== undefined, "nothing is proposed");
    const { zxid } = proposal.logged.header;
    assert((this.#unflushed[0]?.header.zxid ?? Infinity) > zxid, "committed what was not flushed");
    return proposal;
  }

  /** Takes out everything after `zxid` and returns it: it never happened. */
  discardAfter(zxid: Zxid): Proposal[] {
    const isKept = ({ header }: LoggedTxn): boolean => header.zxid <= zxid;
    this.#unflushed = this.#unflushed.filter(isKept);
    this.#lastZxid = Math.min(this.#lastZxid, zxid);
    return this.#proposals.cutAfter(({ logged }) => isKept(logged));
  }
}
