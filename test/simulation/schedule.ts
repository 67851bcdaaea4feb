/** Something that will happen, until it is cancelled. */
export interface Scheduled {
  readonly atUs: number;
  readonly order: number;
  isCancelled: boolean;
  readonly run: () => void;
}

/**
 * The discrete-event queue and true time: microseconds from the start of the run.
 *
 * What is scheduled for the same time happens in the order in which it was scheduled.
 */
export class Schedule {
  nowUs = 0;
  readonly #heap: Scheduled[] = [];
  #count = 0;

  /** Schedules for a time that is not before now. */
  at(atUs: number, run: () => void): Scheduled {
    const entry = {
      atUs: Math.max(this.nowUs, atUs),
      order: this.#count++,
      isCancelled: false,
      run,
    };
    this.#push(entry);
    return entry;
  }

  after(delayUs: number, run: () => void): Scheduled {
    return this.at(this.nowUs + Math.max(0, Math.round(delayUs)), run);
  }

  cancel(entry: Scheduled | undefined): void {
    if (entry !== undefined) entry.isCancelled = true;
  }

  /** Runs the next entry that is due until `untilUs`; false if there is none, then it is `untilUs`. */
  runNext(untilUs: number): boolean {
    for (;;) {
      const entry = this.#heap[0];
      if (entry === undefined || entry.atUs > untilUs) {
        this.nowUs = Math.max(this.nowUs, untilUs);
        return false;
      }
      this.#pop();
      if (entry.isCancelled) continue;
      this.nowUs = entry.atUs;
      entry.run();
      return true;
    }
  }

  #push(entry: Scheduled): void {
    const heap = this.#heap;
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (isBefore(heap[parent] as Scheduled, entry)) break;
      heap[at] = heap[parent] as Scheduled;
      at = parent;
    }
    heap[at] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop() as Scheduled;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (
        child + 1 < heap.length &&
        isBefore(heap[child + 1] as Scheduled, heap[child] as Scheduled)
      )
        child++;
      if (isBefore(last, heap[child] as Scheduled)) break;
      heap[at] = heap[child] as Scheduled;
      at = child;
    }
    heap[at] = last;
  }
}

function isBefore(a: Scheduled, b: Scheduled): boolean {
  return a.atUs < b.atUs || (a.atUs === b.atUs && a.order < b.order);
}
