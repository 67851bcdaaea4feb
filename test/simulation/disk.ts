import type { LogWindow } from "../../src/storage/log-window.ts";
import type { Store } from "../../src/storage/store.ts";
import type { Prng } from "./prng.ts";
import type { Scheduled, Schedule } from "./schedule.ts";

/** How a disk behaves. */
export interface DiskOptions {
  /** Mean time until a turn's writes are durable. */
  readonly latencyUs: number;
  /** Chance that a turn's writes take {@link slowFactor} times as long. */
  readonly slowChance: number;
  readonly slowFactor: number;
}

/** The bytes below a store: what was written in each turn, and how to go back. */
export interface Medium {
  /** Opens a store over what is there. The former one must not be used any more. */
  open(window: LogWindow, cacheBytes: number): Store;
  /** Ends a turn: what was written since the last end is one unit. True if that is anything. */
  endTurn(): boolean;
  /** Whether the turn has written anything so far. */
  readonly isTouched: boolean;
  /** Forgets how to go back behind `turns` turns that wrote: they are durable. */
  settle(turns: number): void;
  /** Goes back to the state after the first `turns` turns that wrote and are not settled. */
  crash(turns: number): void;
}

/** What is run when the first `position` turns that wrote are durable. */
interface Waiting {
  readonly position: number;
  readonly run: () => void;
}

/**
 * The storage of a Durable Object as this project relies on it: writes are synchronous and atomic per
 * turn, durable a while later, in order; what is sent waits until everything written before the send
 * is durable (the output gate); a crash takes memory, and of the turns not yet durable a tail.
 *
 * Source: Cloudflare Durable Objects, "output gates", compatibility date 2026-11-01.
 */
export class Disk {
  readonly #medium: Medium;
  readonly #schedule: Schedule;
  readonly #rng: Prng;
  readonly #options: DiskOptions;
  /** Turns that wrote. */
  #written = 0;
  #synced = 0;
  #lastSyncUs = 0;
  #syncs: Scheduled[] = [];
  #waiting: Waiting[] = [];
  #witnesses: Waiting[] = [];
  #isInTurn = false;
  #atTurnEnd: (() => void)[] = [];
  /** Faults end with the healing: no more slow turns. */
  isHealed = false;

  constructor(medium: Medium, schedule: Schedule, rng: Prng, options: DiskOptions) {
    this.#medium = medium;
    this.#schedule = schedule;
    this.#rng = rng;
    this.#options = options;
  }

  open(window: LogWindow, cacheBytes: number): Store {
    return this.#medium.open(window, cacheBytes);
  }

  /** Whether everything written is durable. */
  get isSettled(): boolean {
    return this.#synced === this.#written && !this.#medium.isTouched;
  }

  /** Runs one event of the object. What it writes becomes durable as one. */
  turn(body: () => void): void {
    this.#isInTurn = true;
    try {
      body();
    } finally {
      this.#isInTurn = false;
      if (this.#medium.endTurn()) this.#startSync();
    }
    const sends = this.#atTurnEnd;
    this.#atTurnEnd = [];
    for (const send of sends) this.gate(send);
  }

  /** Runs `send` once all that was written before this call is durable; never after a crash. */
  gate(send: () => void): void {
    const position = this.#written + (this.#isInTurn && this.#medium.isTouched ? 1 : 0);
    if (position <= this.#synced) send();
    else this.#waiting.push({ position, run: send });
  }

  /** As {@link gate}, but for everything that the current turn will have written by its end. */
  gateTurn(send: () => void): void {
    if (this.#isInTurn) this.#atTurnEnd.push(send);
    else this.gate(send);
  }

  /**
   * Runs `record` once all that was written so far is durable, also when that is found out by a crash:
   * for an onlooker, who is no part of the memory that is gone.
   */
  witness(record: () => void): void {
    if (this.#written <= this.#synced) record();
    else this.#witnesses.push({ position: this.#written, run: record });
  }

  /** Memory is gone, and a tail of the turns that were not durable: as many as chance says. */
  crash(): void {
    const open = this.#written - this.#synced;
    const kept = this.#rng.weighted({ none: 5, all: 3, some: 2 });
    const keptTurns = { none: 0, all: open, some: this.#rng.int(open + 1) }[kept];
    this.#medium.crash(keptTurns);
    for (const { run } of takeDue(this.#witnesses, this.#synced + keptTurns)) run();
    this.#witnesses = [];
    for (const sync of this.#syncs) this.#schedule.cancel(sync);
    this.#syncs = [];
    this.#waiting = [];
    this.#atTurnEnd = [];
    this.#written = this.#synced;
  }

  #startSync(): void {
    this.#written++;
    const position = this.#written;
    const isSlow = !this.isHealed && this.#rng.chance(this.#options.slowChance);
    const latencyUs = this.#rng.exponential(this.#options.latencyUs);
    const doneUs = this.#schedule.nowUs + latencyUs * (isSlow ? this.#options.slowFactor : 1);
    this.#lastSyncUs = Math.max(this.#lastSyncUs, doneUs);
    this.#syncs.push(this.#schedule.at(this.#lastSyncUs, () => this.#finishSync(position)));
  }

  #finishSync(position: number): void {
    this.#syncs.shift();
    this.#medium.settle(position - this.#synced);
    this.#synced = position;
    const due = [...takeDue(this.#witnesses, position), ...takeDue(this.#waiting, position)];
    for (const { run } of due) run();
  }
}

/** Takes what is due out of a list that is sorted by position. */
function takeDue(waiting: Waiting[], position: number): readonly Waiting[] {
  const count = waiting.findIndex((each) => each.position > position);
  return waiting.splice(0, count === -1 ? waiting.length : count);
}
