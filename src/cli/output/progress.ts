import { SingleBar } from "cli-progress";

/** What is counted, and who ends it. */
export interface ProgressOptions {
  /** What the command does, for people. */
  readonly name: string;
  /** How many there will be, if that is known; it may be wrong. */
  readonly total?: number | undefined;
  /** Ends it at once: whoever presses Ctrl-C gets a clean line. */
  readonly signal: AbortSignal;
  /** What takes less long shows nothing, milliseconds; 300 if absent. */
  readonly delayMs?: number;
}

const DELAY_MS = 300;
/** Between two looks at the clock of a display that people can follow. */
const REDRAW_MS = 100;
const CLEAR_LINE = "\r\u001B[2K";

/**
 * A line of a terminal that shows how far a command is, and that is gone when the command has ended.
 *
 * Without a terminal it shows nothing. Source: cli-progress `SingleBar`.
 */
export class Progress implements Disposable {
  readonly #terminal: NodeJS.WritableStream | undefined;
  readonly #options: ProgressOptions;
  readonly #startMs = Date.now();
  #bar: SingleBar | undefined;
  #count = 0;
  #drawnMs = 0;
  #isOver = false;

  /** @param terminal - undefined where there is none. */
  constructor(terminal: NodeJS.WritableStream | undefined, options: ProgressOptions) {
    this.#terminal = terminal;
    this.#options = options;
    options.signal.addEventListener("abort", this.#end);
    if (options.signal.aborted) this.#end();
  }

  /** One more is done, or many. */
  tick(count = 1): void {
    this.#count += count;
    if (this.#terminal === undefined || this.#isOver) return;
    const nowMs = Date.now();
    const { delayMs = DELAY_MS } = this.#options;
    if (nowMs - this.#startMs < delayMs || nowMs - this.#drawnMs < REDRAW_MS) return;
    this.#drawnMs = nowMs;
    this.#draw(this.#terminal, nowMs);
  }

  /** Makes room for a line of output; the next drawing comes below it. */
  clear(): void {
    if (this.#bar !== undefined) this.#terminal?.write(CLEAR_LINE);
  }

  [Symbol.dispose](): void {
    this.#end();
  }

  #draw(stream: NodeJS.WritableStream, nowMs: number): void {
    const { name, total } = this.#options;
    const elapsedS = Math.max(0.001, (nowMs - this.#startMs) / 1_000);
    const payload = { name, rate: Math.round(this.#count / elapsedS) };
    if (this.#bar === undefined) {
      const bar = total === undefined ? "" : "[{bar}] {percentage}% of {total}, ";
      this.#bar = new SingleBar({
        stream,
        format: `{name} ${bar}{value} znodes, {rate}/s`,
        barsize: 24,
        fps: 5,
        clearOnComplete: true,
        forceRedraw: true,
        // Signals are the command's.
        gracefulExit: false,
      });
      this.#bar.start(total ?? 0, this.#count, payload);
    }
    if (total !== undefined && this.#count > total) this.#bar.setTotal(this.#count);
    this.#bar.update(this.#count, payload);
  }

  readonly #end = (): void => {
    this.#isOver = true;
    this.#options.signal.removeEventListener("abort", this.#end);
    this.#bar?.stop();
    this.#bar = undefined;
  };
}
