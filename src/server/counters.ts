/** What the server counts, by the names that operators see. */
export type CounterName =
  | "authsFailed"
  | "connectionsOpened"
  | "connectionsTakenOver"
  | "sessionsCreated"
  | "sessionsClosed"
  | "sessionsExpired"
  | "requests"
  | "reads"
  | "txns"
  | "txnsFailed"
  | "txnsReplayed"
  | "batches"
  | "events"
  | "znodesReaped"
  | "checkpoints";

/** Plain numbers since this server was made; they decide nothing. */
export class Counters {
  readonly #values = new Map<CounterName, number>();

  add(name: CounterName, count = 1): void {
    this.#values.set(name, (this.#values.get(name) ?? 0) + count);
  }

  /** All that were ever counted, by name. */
  snapshot(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#values);
  }
}
