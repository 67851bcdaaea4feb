import type { Zxid } from "../../core/zxid.ts";
import type { Sid } from "../../zab/configuration.ts";
import type {
  ForwardAnswer,
  ForwardBatch,
  ForwardedRequest,
  Origin,
  Origins,
  StreamId,
} from "./member-message.ts";

/** A request as the leader knows it: whose it is, and which of theirs. */
export interface ForwardKey extends StreamId {
  readonly from: Sid;
  readonly seq: number;
}

interface Stream {
  readonly id: StreamId;
  lastSeq: number;
  /** Given, and perhaps lost on the way. */
  readonly answers: Map<number, ForwardAnswer>;
}

/** What a batch turned out to be. */
export type Acceptance =
  /** The requests that were not seen before; the first one is `firstSeq`. */
  | {
      readonly type: "fresh";
      readonly firstSeq: number;
      readonly requests: readonly ForwardedRequest[];
    }
  /** Something before it is missing. */
  | { readonly type: "gap"; readonly expectedSeq: number }
  /** Of a stream that was given up. */
  | { readonly type: "late" };

const NO_ORIGINS: Origins = { incarnation: 0, stream: 0, entries: [] };

/**
 * What the leader has seen of the requests of its learners, so that each is done once, in order.
 *
 * Lives as long as this leader does: a learner gives up what it sent to an earlier one.
 */
export class ForwardedStreams {
  /** By member, then by its instance. Old instances stay known: what they sent may come late. */
  readonly #streams = new Map<Sid, Map<number, Stream>>();
  /** Of txns that were not flushed yet. */
  readonly #origins = new Map<Sid, { readonly id: StreamId; entries: Origin[] }>();
  #answered: { readonly to: Sid; readonly id: StreamId; readonly answer: ForwardAnswer }[] = [];

  /** Judges a batch, and counts what is new in it as seen. */
  accept(from: Sid, batch: ForwardBatch): Acceptance {
    const stream = this.#streamOf(from, batch);
    if (stream === undefined) return { type: "late" };
    for (const seq of stream.answers.keys()) if (seq < batch.openSeq) stream.answers.delete(seq);
    const expectedSeq = stream.lastSeq + 1;
    if (batch.firstSeq > expectedSeq) return { type: "gap", expectedSeq };
    const seen = Math.min(expectedSeq - batch.firstSeq, batch.requests.length);
    for (let seq = batch.firstSeq; seq < batch.firstSeq + seen; seq += 1) {
      const answer = stream.answers.get(seq);
      if (answer !== undefined) this.#answered.push({ to: from, id: stream.id, answer });
    }
    const requests = batch.requests.slice(seen);
    stream.lastSeq += requests.length;
    return { type: "fresh", firstSeq: expectedSeq, requests };
  }

  #streamOf(from: Sid, { incarnation, stream }: StreamId): Stream | undefined {
    const ofMember = this.#streams.get(from) ?? new Map<number, Stream>();
    this.#streams.set(from, ofMember);
    const known = ofMember.get(incarnation);
    if (known !== undefined && known.id.stream > stream) return undefined;
    if (known !== undefined && known.id.stream === stream) return known;
    const fresh = { id: { incarnation, stream }, lastSeq: 0, answers: new Map() };
    ofMember.set(incarnation, fresh);
    return fresh;
  }

  /** A request ends without a txn of its own. */
  answer({ from, incarnation, stream, seq }: ForwardKey, answer: Omit<ForwardAnswer, "seq">): void {
    const known = this.#streams.get(from)?.get(incarnation);
    if (known?.id.stream !== stream) return;
    const numbered = { seq, ...answer };
    known.answers.set(seq, numbered);
    this.#answered.push({ to: from, id: known.id, answer: numbered });
  }

  /** A request became a txn. */
  addOrigin({ from, incarnation, stream }: ForwardKey, origin: Origin): void {
    const known = this.#origins.get(from);
    if (known?.id.incarnation === incarnation && known.id.stream === stream) {
      known.entries.push(origin);
    } else {
      this.#origins.set(from, { id: { incarnation, stream }, entries: [origin] });
    }
  }

  /** Takes the origins of the txns up to `zxid`: what travels with them to each learner. */
  takeOrigins(zxid: Zxid): (sid: Sid) => Origins {
    const taken = new Map<Sid, Origins>();
    for (const [sid, { id, entries }] of this.#origins) {
      taken.set(sid, { ...id, entries: entries.filter((origin) => origin.zxid <= zxid) });
      const rest = entries.filter((origin) => origin.zxid > zxid);
      if (rest.length === 0) this.#origins.delete(sid);
      else this.#origins.set(sid, { id, entries: rest });
    }
    // Never undefined, which would tell a learner that something was lost.
    return (sid) => taken.get(sid) ?? NO_ORIGINS;
  }

  get hasAnswers(): boolean {
    return this.#answered.length > 0;
  }

  /** Takes the answers that were given since the last call, by learner. */
  takeAnswers(): { readonly to: Sid; readonly id: StreamId; readonly answers: ForwardAnswer[] }[] {
    const groups: { to: Sid; id: StreamId; answers: ForwardAnswer[] }[] = [];
    for (const { to, id, answer } of this.#answered) {
      const group = groups.find((each) => each.to === to && each.id === id);
      if (group === undefined) groups.push({ to, id, answers: [answer] });
      else group.answers.push(answer);
    }
    this.#answered = [];
    return groups;
  }

  clear(): void {
    this.#streams.clear();
    this.#origins.clear();
    this.#answered = [];
  }
}
