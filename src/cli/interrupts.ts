import type { Clock } from "../client/clock.ts";

/** What a user, or whoever ends processes, sends. */
export type InterruptName = "SIGINT" | "SIGTERM";

/** How long a command may take to come to its own end, milliseconds. */
const PATIENCE_MS = 1_000;

/**
 * How urgently somebody wants a command to end: Ctrl-C once, or again.
 *
 * The first time it is told to come to its own end, and a program that it runs is told, too. Nobody
 * waits for an answer that does not come: a second later the command is left alone with it. Only a
 * program under a lock is waited for, however long it takes; the second Ctrl-C kills it.
 */
export class Interrupts {
  readonly #first = new AbortController();
  readonly #second = new AbortController();
  readonly #abandoned = Promise.withResolvers<never>();
  readonly #clock: Pick<Clock, "after">;
  /** Gives the terminal to a program, until that is disposed; for a shell that reads its keys. */
  lendTerminal: () => Disposable = () => ({ [Symbol.dispose]: () => undefined });
  #programsCount = 0;
  #cancel: () => void = () => undefined;
  #isAbandoned = false;

  constructor(clock: Pick<Clock, "after">) {
    this.#clock = clock;
    // Looked at only while a command runs.
    this.#abandoned.promise.catch(() => undefined);
  }

  /** Aborts the first time; the reason's message is the name of what came. */
  get signal(): AbortSignal {
    return this.#first.signal;
  }

  /** Aborts the second time. */
  get insisting(): AbortSignal {
    return this.#second.signal;
  }

  /** Rejects with the reason of {@link signal} when nobody should wait any more. */
  get abandoned(): Promise<never> {
    return this.#abandoned.promise;
  }

  get isAbandoned(): boolean {
    return this.#isAbandoned;
  }

  interrupt(name: InterruptName): void {
    const reason = new DOMException(name, "AbortError");
    if (this.signal.aborted) this.#second.abort(reason);
    else this.#first.abort(reason);
    this.#waitPatiently();
  }

  /** Keeps everybody waiting until a program has ended. */
  async during<T>(program: Promise<T>): Promise<T> {
    this.#programsCount += 1;
    try {
      return await program;
    } finally {
      this.#programsCount -= 1;
      if (this.signal.aborted) this.#waitPatiently();
    }
  }

  /** The command has ended. */
  [Symbol.dispose](): void {
    this.#cancel();
  }

  #waitPatiently(): void {
    this.#cancel();
    if (this.#programsCount > 0) return;
    this.#cancel = this.#clock.after(PATIENCE_MS, () => {
      this.#isAbandoned = true;
      this.#abandoned.reject(this.signal.reason);
    });
  }
}

/** What aborted a signal of {@link Interrupts}. */
export function nameOfInterrupt({ reason }: AbortSignal): InterruptName {
  return reason instanceof Error && reason.message === "SIGTERM" ? "SIGTERM" : "SIGINT";
}
