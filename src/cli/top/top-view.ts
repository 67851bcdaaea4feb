import type { Paint } from "../output/colours.ts";
import { fitted, renderSnapshot, type ScreenLine } from "./render-top.ts";
import { type Snapshot, type Sort, sorted, SORTS } from "./snapshot.ts";

/** What does not change while the view is shown. */
export interface ViewOptions {
  readonly server: string;
  readonly intervalMs: number;
  readonly paint: Paint;
}

/** How large the screen is. */
export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

const KEYS = "q quit   s sort   p pause   h help";

const HELP: readonly ScreenLine[] = [
  { text: "Keys", look: "title" },
  { text: "  q  quits, as Ctrl-C does" },
  { text: `  s  sorts the sessions by the next of ${SORTS.join(", ")}` },
  { text: "  p  pauses and goes on; the space bar does, too" },
  { text: "  h  shows this, and hides it" },
  { text: "" },
  { text: "Columns", look: "title" },
  { text: "  REQ/S     requests received since the last look, those of this program among them" },
  { text: "  LATENCY   of all requests since the server started, or since srst" },
  { text: "  QUEUED    requests that wait for their answers" },
  { text: "  LAST      the last operation: GETD, SETD, CREA, DELE, PING, …" },
  { text: "  -         the server does not tell" },
];

/** What is on the screen, and what keys do to it. */
export class TopView {
  readonly #options: ViewOptions;
  #snapshot: Snapshot | undefined;
  #time = "";
  #sort: Sort = "rate";
  #isHelping = false;
  isPaused = false;
  hasQuit = false;

  constructor(options: ViewOptions) {
    this.#options = options;
  }

  /** @param time - of the wall, as it is shown. */
  update(snapshot: Snapshot, time: string): void {
    this.#snapshot = snapshot;
    this.#time = time;
  }

  press(key: string): void {
    switch (key) {
      case "q":
        this.hasQuit = true;
        break;
      case "s":
        this.#sort = SORTS[(SORTS.indexOf(this.#sort) + 1) % SORTS.length] ?? "rate";
        break;
      case "p":
      case " ":
        this.isPaused = !this.isPaused;
        break;
      case "h":
      case "?":
        this.#isHelping = !this.#isHelping;
        break;
      default:
    }
  }

  /** The lines of a screen, so many as it has. */
  lines({ columns, rows }: ScreenSize): string[] {
    const { paint } = this.#options;
    const body = this.#isHelping ? HELP : this.#body();
    // The heading with the line below it, and the keys with the one above them.
    const room = Math.max(1, rows - 4);
    const shown = body.length > room ? body.slice(0, room - 1) : body;
    const hidden = body.length - shown.length;
    const lines: ScreenLine[] = [this.#heading(), { text: "" }, ...shown];
    if (hidden > 0) lines.push({ text: `${hidden} more lines`, look: "faint" });
    while (lines.length < rows - 1) lines.push({ text: "" });
    lines.push({ text: KEYS, look: "faint" });
    return lines.map((line) => fitted(line, columns, paint));
  }

  #heading(): ScreenLine {
    const { server, intervalMs } = this.#options;
    const pace = this.isPaused ? "paused" : `every ${intervalMs / 1_000} s`;
    const text = `edgekeeper top   ${server}   ${this.#time}   ${pace}   by ${this.#sort}`;
    return { text, look: this.isPaused ? "warning" : "title" };
  }

  #body(): readonly ScreenLine[] {
    if (this.#snapshot === undefined) return [{ text: "asking …", look: "faint" }];
    return renderSnapshot(this.#snapshot, sorted(this.#snapshot.sessions, this.#sort));
  }
}
