import { Code, isKeeperError, KeeperError, type ZooKeeper } from "../../client/index.ts";
import { LIMITS } from "../../core/limits.ts";
import {
  addChange,
  type Change,
  makeChange,
  sizeOfChange,
  type TransactionChange,
} from "./change.ts";

/** What fits into one transaction with room to spare, and transactions under way at once. */
const BATCH_CHANGES = 500;
const BATCH_BYTES = 524_288;
const BATCHES_UNDER_WAY = 4;

/** Failures of the connection, not of one change: what became of it is not known. */
const OF_CONNECTION = [
  Code.CONNECTIONLOSS,
  Code.OPERATIONTIMEOUT,
  Code.SESSIONEXPIRED,
  Code.SESSIONMOVED,
  Code.AUTHFAILED,
] as const;

/** Tells whether the way to the server failed, and the same may be tried again. */
export function isOfConnection(error: unknown): boolean {
  return isKeeperError(error, ...OF_CONNECTION);
}

/** Told of a change that was not made: others were there first, or it is not allowed. */
export type OnRefused = (change: Change, error: KeeperError) => void;

/**
 * Makes changes in their order, many in one transaction, several transactions under way.
 *
 * A transaction that fails was not done at all: then its changes are made one by one, so that only
 * those that are refused are left out. What came behind it and needed it failed too, and is made
 * again after it.
 */
export class ChangeWriter {
  readonly #zk: ZooKeeper;
  readonly #onRefused: OnRefused;
  #batch: Change[] = [];
  #bytes = 0;
  /** Batches are settled in their order; the oldest is first. */
  readonly #underWay: Promise<void>[] = [];

  constructor(zk: ZooKeeper, onRefused: OnRefused) {
    this.#zk = zk;
    this.#onRefused = onRefused;
  }

  /** Takes a change; resolves when there is room for the next one. @throws KeeperError */
  async add(change: Change): Promise<void> {
    const size = sizeOfChange(change);
    if (size > LIMITS.DATA_BYTES_MAX) {
      this.#onRefused(change, tooLarge(change, size));
      return;
    }
    if (this.#batch.length === BATCH_CHANGES || this.#bytes + size > BATCH_BYTES) {
      await this.#send();
    }
    this.#batch.push(change);
    this.#bytes += size;
  }

  /** Resolves when all is done. @throws KeeperError of the connection */
  async end(): Promise<void> {
    await this.#send();
    await Promise.all(this.#underWay);
  }

  async #send(): Promise<void> {
    const batch = this.#batch;
    [this.#batch, this.#bytes] = [[], 0];
    if (batch.length === 0) return;
    if (this.#underWay.length === BATCHES_UNDER_WAY) await this.#underWay.shift();
    const settling = this.#settle(batch, this.#commit(batch), this.#underWay.at(-1));
    // Looked at in its turn.
    settling.catch(() => undefined);
    this.#underWay.push(settling);
  }

  async #commit(batch: readonly Change[]): Promise<void> {
    const together = batch.filter(
      (change): change is TransactionChange => change.type !== "setACL",
    );
    const [only] = together;
    if (only === undefined) return;
    if (together.length === 1) {
      await makeChange(this.#zk, only);
      return;
    }
    const transaction = this.#zk.transaction();
    for (const change of together) addChange(transaction, change);
    await transaction.commit();
  }

  async #settle(
    batch: readonly Change[],
    committing: Promise<void>,
    before: Promise<void> | undefined,
  ): Promise<void> {
    const [, committed] = await Promise.allSettled([before, committing]);
    await before;
    if (committed.status === "rejected") {
      const { reason } = committed;
      if (!isKeeperError(reason) || isOfConnection(reason)) throw reason;
      for (const change of batch) if (change.type !== "setACL") await this.#makeAlone(change);
    }
    // Behind everything else: an ACL may be in the way of whoever writes.
    const acls = batch.filter(({ type }) => type === "setACL");
    await Promise.all(acls.map((change) => this.#makeAlone(change)));
  }

  async #makeAlone(change: Change): Promise<void> {
    try {
      await makeChange(this.#zk, change);
    } catch (error) {
      if (!isKeeperError(error) || isOfConnection(error)) throw error;
      this.#onRefused(change, error);
    }
  }
}

function tooLarge({ path }: Change, size: number): KeeperError {
  return new KeeperError(Code.BADARGUMENTS, {
    path,
    message: `expected at most ${LIMITS.DATA_BYTES_MAX} bytes in one request, saw ${size}`,
  });
}
