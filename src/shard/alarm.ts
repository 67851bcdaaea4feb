/**
 * The object's one alarm.
 *
 * It is only ever moved earlier: one that fires before its time costs a look at the clock, moving
 * it costs a row. Never moved by a constructor: that would cancel the very alarm that woke the
 * object. What the platform has set is read once per start and is the only record of it.
 *
 * Source: Cloudflare, Durable Objects alarms (compatibility date 2026-11-01).
 */
export class Alarm {
  readonly #storage: DurableObjectStorage;
  #atMs: number | undefined;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  /** When the alarm is set to go off, ms since 1970; undefined without one. */
  get atMs(): number | undefined {
    return this.#atMs;
  }

  /** Reads what the last instance set. Undefined also while the alarm handler waits to run. */
  async read(): Promise<void> {
    this.#atMs = (await this.#storage.getAlarm()) ?? undefined;
  }

  /** The alarm went off: it is used up, whatever the handler does. */
  fired(): void {
    this.#atMs = undefined;
  }

  /** Makes sure that the object wakes at `wakeMs` or before; undefined asks for nothing. */
  want(wakeMs: number | undefined): void {
    if (wakeMs === undefined) return;
    if (this.#atMs !== undefined && this.#atMs <= wakeMs) return;
    this.#atMs = wakeMs;
    // Confirmed by the output gate; a failure resets the object.
    void this.#storage.setAlarm(wakeMs);
  }
}
