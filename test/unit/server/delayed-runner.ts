import type { Zxid } from "../../../src/core/zxid.ts";
import { MemoryStore } from "../../../src/storage/memory-store.ts";
import { ServerHarness } from "./server-harness.ts";

/** After how many turns a batch is heard of as persisted and as committed. */
export interface Delay {
  readonly persisted: number;
  readonly committed: number;
}

interface Report {
  readonly type: "persisted" | "committed";
  readonly zxid: Zxid;
  readonly dueTurn: number;
}

/**
 * Runs a server whose batches are persisted and committed some turns after they were appended, as
 * in an ensemble: reports come late, out of step with each other and between any two requests.
 */
export class DelayedRunner {
  readonly harness: ServerHarness;
  readonly #delays: readonly Delay[];
  #reports: Report[] = [];
  #turn = 0;
  #batchCount = 0;
  #seenBatches = 0;

  constructor(delays: readonly Delay[]) {
    this.#delays = delays;
    this.harness = new ServerHarness({ isImmediate: false });
  }

  /** Ends a turn: the batch is appended, and what is due by now is reported. */
  turn(): void {
    this.harness.flush();
    this.#scheduleNew();
    this.#turn += 1;
    const due = this.#reports.filter(({ dueTurn }) => dueTurn <= this.#turn);
    this.#reports = this.#reports.filter(({ dueTurn }) => dueTurn > this.#turn);
    for (const { type, zxid } of due) this.harness.step({ type, zxid });
    this.harness.flush();
    this.#scheduleNew();
  }

  /** Lets everything that is under way come to its end. */
  settle(): void {
    this.turn();
    while (this.#reports.length > 0) this.turn();
  }

  /** A leader is deposed: the log is cut behind one of the batches that are not applied. */
  discard(choose: (boundaries: readonly Zxid[]) => Zxid): void {
    this.harness.flush();
    this.#scheduleNew();
    const applied = this.harness.server.status().zxid;
    const boundaries = [applied, ...this.harness.appended].filter((zxid) => zxid >= applied);
    const zxid = choose(boundaries.filter((each) => this.#isBoundary(each)));
    // What was announced about the tail was about txns that now never were.
    this.#reports = this.#reports.map((report) => ({
      ...report,
      zxid: Math.min(report.zxid, zxid),
    }));
    this.harness.appended.splice(0, Infinity, ...this.harness.appended.filter((z) => z <= zxid));
    this.#seenBatches = this.harness.appended.length;
    this.harness.discard(zxid);
  }

  #isBoundary(zxid: Zxid): boolean {
    return zxid === 0 || this.harness.appended.includes(zxid);
  }

  #scheduleNew(): void {
    const { appended } = this.harness;
    for (; this.#seenBatches < appended.length; this.#seenBatches += 1) {
      const zxid = appended[this.#seenBatches] ?? 0;
      const delay = this.#delays[this.#batchCount % this.#delays.length];
      this.#batchCount += 1;
      for (const type of ["persisted", "committed"] as const) {
        this.#reports.push({ type, zxid, dueTurn: this.#turn + (delay?.[type] ?? 0) });
      }
    }
  }
}

/** A store with the same log and nothing else, for a server that recovers from it. */
export function copyLog(store: MemoryStore): MemoryStore {
  const copy = new MemoryStore();
  copy.log.append(store.log.read(0, Number.MAX_SAFE_INTEGER));
  for (const [id, seen] of store.sessionSeen()) copy.saveSessionSeen(id, seen);
  return copy;
}
