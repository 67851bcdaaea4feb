/** What a line of the trace is about; at most 9 letters, so that columns stay in place. */
export type TraceKind =
  | "start"
  | "stop"
  | "crash"
  | "evict"
  | "role"
  | "send"
  | "recv"
  | "lost"
  | "synced"
  | "apply"
  | "timer"
  | "clock"
  | "cut"
  | "heal"
  | "fault"
  | "open"
  | "close"
  | "ask"
  | "reply"
  | "event"
  | "note";

/**
 * One line per event in fixed columns, for a human to scan ten thousand of them, and a hash over all
 * of them, by which two runs are compared.
 *
 *          time ms  who   kind      detail
 *     00012345.678  m2    send      →1 ACK 0x100000004
 */
export class Trace {
  readonly #print: ((line: string) => void) | undefined;
  readonly #isOn: boolean;
  #hash = 0x811c9dc5;
  #lines = 0;

  /** @param isHashed - lines are made, and hashed, although nobody reads them. */
  constructor(print?: (line: string) => void, isHashed = false) {
    this.#print = print;
    this.#isOn = isHashed || print !== undefined;
  }

  /** Of all lines so far: equal runs have equal hashes. */
  get hash(): string {
    return `${(this.#hash >>> 0).toString(16).padStart(8, "0")}-${this.#lines}`;
  }

  /** Adds a line; `detail` is made only if somebody wants it. */
  add(atUs: number, who: string, kind: TraceKind, detail: () => string): void {
    if (!this.#isOn) return;
    const ms = (atUs / 1_000).toFixed(3).padStart(12, "0");
    const line = `${ms}  ${who.padEnd(4)}  ${kind.padEnd(8)}  ${detail()}`;
    for (let i = 0; i < line.length; i++) {
      this.#hash = Math.imul(this.#hash ^ line.charCodeAt(i), 0x01000193);
    }
    this.#lines++;
    this.#print?.(line);
  }
}
