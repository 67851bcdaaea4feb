/** A terminal that is read key by key and drawn upon. */
export interface ScreenStreams {
  readonly input: NodeJS.ReadableStream & { setRawMode(isRaw: boolean): unknown };
  readonly output: NodeJS.WritableStream & { readonly columns: number; readonly rows: number };
}

const [ENTER, LEAVE] = ["\u001B[?1049h\u001B[?25l", "\u001B[?25h\u001B[?1049l"];
const [HOME, CLEAR_REST_OF_LINE, CLEAR_BELOW] = ["\u001B[H", "\u001B[K", "\u001B[J"];
/** Of terminals that don't know their size. */
const USUAL = { columns: 80, rows: 24 };
const CTRL_C = "\u0003";

/** What a screen tells. */
export interface ScreenListener {
  /** A key, as the terminal sends it. */
  readonly key: (key: string) => void;
  readonly resized: () => void;
}

/**
 * The whole terminal, on its second page: what was there before is there again afterwards, with the
 * cursor and the way keys are read, however the process ends but by SIGKILL.
 *
 * Source: xterm "Control Sequences", DECSET 1049 and 25.
 */
export class Screen implements Disposable {
  readonly #streams: ScreenStreams;
  readonly #listener: ScreenListener;
  #isOver = false;

  constructor(streams: ScreenStreams, listener: ScreenListener) {
    this.#streams = streams;
    this.#listener = listener;
    const { input, output } = streams;
    // Whoever ends the process in the middle of everything passes here, too.
    process.on("exit", this.#leave);
    output.write(ENTER);
    output.on("resize", listener.resized);
    input.setRawMode(true);
    input.setEncoding("utf8");
    input.on("data", this.#take);
    input.resume();
  }

  get columns(): number {
    return this.#streams.output.columns || USUAL.columns;
  }

  get rows(): number {
    return this.#streams.output.rows || USUAL.rows;
  }

  /** Draws lines from the top; those that don't fit are left out. */
  draw(lines: readonly string[]): void {
    if (this.#isOver) return;
    const shown = lines.slice(0, this.rows);
    const text = shown.map((line) => line + CLEAR_REST_OF_LINE).join("\r\n");
    this.#streams.output.write(HOME + text + CLEAR_BELOW);
  }

  [Symbol.dispose](): void {
    this.#leave();
  }

  readonly #take = (text: string | Buffer): void => {
    for (const key of String(text)) {
      // A terminal that is read key by key makes no signal of Ctrl-C.
      if (key === CTRL_C) process.kill(process.pid, "SIGINT");
      else this.#listener.key(key);
    }
  };

  readonly #leave = (): void => {
    if (this.#isOver) return;
    this.#isOver = true;
    const { input, output } = this.#streams;
    process.off("exit", this.#leave);
    output.off("resize", this.#listener.resized);
    input.off("data", this.#take);
    input.setRawMode(false);
    input.pause();
    output.write(LEAVE);
  };
}
