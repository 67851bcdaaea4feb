import type { ConnectionId } from "../input.ts";
import type { Queued } from "../connection.ts";
import type { ForwardBatch, ForwardedRequest, Origins, StreamId } from "./member-message.ts";

/** A request that waits for the leader, and the queue entry that waits for it. */
export interface Forward {
  readonly connection: ConnectionId;
  readonly queued: Queued;
  readonly request: ForwardedRequest;
}

/** What was sent and not answered is sent again after this, ms. */
export const FORWARD_RESEND_MS = 1_000;

/** What was not answered after this is given up, ms. Source: ZooKeeper `syncLimit`. */
export const FORWARD_GIVE_UP_MS = 10_000;

/**
 * What a learner has forwarded to its leader, in the order of its connections' requests.
 *
 *     push → unsent → sent, numbered → settled by an origin or an answer
 *                        └ sent again until then, or given up with its stream
 */
export class ForwardQueue {
  readonly #incarnation: number;
  #stream = 1;
  #nextSeq = 1;
  #unsent: Forward[] = [];
  readonly #sent = new Map<number, Forward>();
  /** When something of the stream was settled or first sent last, ms since 1970. */
  #progressMs = 0;
  #sentMs = 0;

  constructor(incarnation: number) {
    this.#incarnation = incarnation;
  }

  push(forward: Forward): void {
    this.#unsent.push(forward);
  }

  get hasUnsent(): boolean {
    return this.#unsent.length > 0;
  }

  /** Something was sent and is not answered. */
  get isWaiting(): boolean {
    return this.#sent.size > 0;
  }

  /** When something is to be done about what is not answered; undefined if nothing waits. */
  get dueMs(): number | undefined {
    return this.isWaiting ? this.#sentMs + FORWARD_RESEND_MS : undefined;
  }

  /** The leader is silent for too long. */
  isOverdue(nowMs: number): boolean {
    return this.isWaiting && nowMs >= this.#progressMs + FORWARD_GIVE_UP_MS;
  }

  /** Numbers what is new and hands it over; undefined if nothing is. */
  takeBatch(nowMs: number): ForwardBatch | undefined {
    if (this.#unsent.length === 0) return undefined;
    const firstSeq = this.#nextSeq;
    if (!this.isWaiting) this.#progressMs = nowMs;
    this.#sentMs = nowMs;
    for (const forward of this.#unsent) {
      this.#sent.set(this.#nextSeq, forward);
      this.#nextSeq += 1;
    }
    const requests = this.#unsent.map(({ request }) => request);
    this.#unsent = [];
    return { ...this.#id, firstSeq, openSeq: this.#openSeq, requests };
  }

  /**
   * Everything from `seq` on that is still open, once more. What was settled in between goes with
   * it: the leader has it, and knows its number.
   */
  repeatFrom(seq: number, nowMs: number): ForwardBatch | undefined {
    const firstSeq = Math.max(seq, this.#openSeq);
    this.#sentMs = nowMs;
    const requests: ForwardedRequest[] = [];
    for (let at = firstSeq; at < this.#nextSeq; at += 1) {
      const forward = this.#sent.get(at);
      // A gap would be taken for a loss; the leader drops what it has by its number alone.
      requests.push(forward?.request ?? SETTLED);
    }
    if (requests.length === 0) return undefined;
    return { ...this.#id, firstSeq, openSeq: this.#openSeq, requests };
  }

  /** Whether this is about the stream of now. */
  isOwn({ incarnation, stream }: StreamId): boolean {
    return incarnation === this.#incarnation && stream === this.#stream;
  }

  /** Takes out what is answered; undefined if it was before. */
  settle(seq: number, nowMs: number): Forward | undefined {
    const forward = this.#sent.get(seq);
    this.#sent.delete(seq);
    if (forward !== undefined) this.#progressMs = nowMs;
    return forward;
  }

  /** Takes out by zxid what the txns of a batch were made from. */
  settleOrigins(origins: Origins, nowMs: number): Map<number, Forward> {
    const owners = new Map<number, Forward>();
    if (!this.isOwn(origins)) return owners;
    for (const { zxid, seq } of origins.entries) {
      const forward = this.settle(seq, nowMs);
      if (forward !== undefined) owners.set(zxid, forward);
    }
    return owners;
  }

  /** Gives up what was sent, and starts another stream. What was not sent yet stays. */
  restart(): Forward[] {
    const lost = [...this.#sent.values()];
    this.#sent.clear();
    this.#stream += 1;
    this.#nextSeq = 1;
    return lost;
  }

  /** Drops what was not sent yet of a connection that lost what came before it. */
  forget(connection: ConnectionId): void {
    this.#unsent = this.#unsent.filter((forward) => forward.connection !== connection);
  }

  /** Gives up everything. */
  clear(): void {
    this.restart();
    this.#unsent = [];
  }

  get #id(): StreamId {
    return { incarnation: this.#incarnation, stream: this.#stream };
  }

  /** Of the first that is not settled. */
  get #openSeq(): number {
    for (const seq of this.#sent.keys()) return seq;
    return this.#nextSeq;
  }
}

/** Holds the place of a request that was answered. */
const SETTLED: ForwardedRequest = {
  type: "revalidate",
  token: { id: 0, password: new Uint8Array(0) },
  isAdmin: false,
  isBound: false,
};
