import { Command } from "commander";
import { parseConnectString } from "../../client/server-list.ts";
import type { OneShotContext } from "../command-context.ts";
import { CommandError } from "../command-error.ts";
import { countUpTo } from "../option-values.ts";
import { fitted, renderSnapshot } from "../top/render-top.ts";
import { readByWords } from "../top/read-words.ts";
import { readService } from "../top/read-service.ts";
import type { Reading } from "../top/reading.ts";
import { Screen, type ScreenStreams } from "../top/screen.ts";
import { snapshotOf, type Snapshot, sorted } from "../top/snapshot.ts";
import { TopView } from "../top/top-view.ts";

const HELP = `
Keys: q quits, s sorts, p pauses, h helps. Every server of a list has a line, and every member of a
service's ensemble. What is shown is what srvr, mntr, cons, wchs and dump tell; a service that is asked
by an admin tells it by /commands. A service that sleeps is woken by each look.

Without a terminal, and with -o, one snapshot is printed each interval; with --once only one, after one
interval, because a rate needs two looks.

Examples:
  top
  edgekeeper --server zoo1:2181,zoo2:2181,zoo3:2181 top --interval 5
  edgekeeper -o json top --once`;

interface TopOptions {
  /** Seconds. */
  readonly interval: number;
  readonly once?: true;
}

/** `top`: servers and their sessions, as they are now. */
export function topCommand(context: OneShotContext): Command {
  return new Command("top")
    .description("show servers, their sessions and how busy they are, live")
    .option("--interval <seconds>", "between two looks", countUpTo(3_600), 2)
    .option("--once", "print one snapshot")
    .addHelpText("after", HELP)
    .action(async ({ interval, once }: TopOptions) => {
      const { screen, output } = context;
      const top = new Top(context, interval * 1_000);
      if (once || output.format !== "text" || screen === undefined) await top.print(once === true);
      else await top.show(screen);
    });
}

class Top {
  readonly #context: OneShotContext;
  readonly #intervalMs: number;
  #before: Reading | undefined;

  constructor(context: OneShotContext, intervalMs: number) {
    this.#context = context;
    this.#intervalMs = intervalMs;
  }

  /** Prints snapshots, until it is interrupted. */
  async print(isOnce: boolean): Promise<void> {
    const { signal, output } = this.#context;
    await this.#look();
    do {
      await this.#pause(signal);
      signal.throwIfAborted();
      const snapshot = await this.#look();
      const sessions = sorted(snapshot.sessions, "rate");
      const lines = renderSnapshot(snapshot, sessions);
      const text = lines.map((line) => fitted(line, Number.POSITIVE_INFINITY, output.paint));
      const value = { ...snapshot, sessions };
      output.show({ value: output.format === "table" ? tableOf(snapshot) : value, text });
      const isAnyThere = snapshot.servers.some(({ mode }) => mode !== undefined);
      if (isOnce && !isAnyThere) throw new CommandError("no server answers");
    } while (!isOnce);
  }

  /** Draws snapshots, until somebody has seen enough. */
  async show(streams: ScreenStreams): Promise<void> {
    const { connection, output, signal } = this.#context;
    const { paint } = output;
    const view = new TopView({ server: connection.server, intervalMs: this.#intervalMs, paint });
    const quit = new AbortController();
    const draw = (): void => screen.draw(view.lines(screen));
    const key = (pressed: string): void => {
      view.press(pressed);
      if (view.hasQuit) quit.abort();
      else draw();
    };
    using screen = new Screen(streams, { key, resized: () => draw() });
    draw();
    const over = AbortSignal.any([signal, quit.signal]);
    await Promise.race([this.#refresh(view, draw, over), aborted(over)]);
    signal.throwIfAborted();
  }

  async #refresh(view: TopView, draw: () => void, over: AbortSignal): Promise<void> {
    while (!over.aborted) {
      if (!view.isPaused) {
        const snapshot = await this.#look();
        // A pause keeps what somebody wanted to look at.
        if (!view.isPaused) view.update(snapshot, new Date().toLocaleTimeString("en-GB"));
        if (!over.aborted) draw();
      }
      await this.#pause(over);
    }
  }

  async #look(): Promise<Snapshot> {
    const now = { servers: await this.#read(), atMs: this.#context.clock.nowMs() };
    const snapshot = snapshotOf(this.#before, now);
    this.#before = now;
    return snapshot;
  }

  async #read(): Promise<Reading["servers"]> {
    const { connection, askWord, askWordAt, askRoute } = this.#context;
    const { server } = connection;
    const nowMs = Date.now();
    if (/^https?:\/\//.test(server)) {
      return readService(server, { askRoute, askWord, nowMs });
    }
    const { servers } = parseConnectString(server);
    return Promise.all(
      servers.map((one) => readByWords(one, { ask: (word) => askWordAt(one, word), nowMs })),
    );
  }

  /** Ends early by an interruption. */
  #pause(signal: AbortSignal): Promise<void> {
    const { clock } = this.#context;
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const end = (): void => {
        cancel();
        signal.removeEventListener("abort", end);
        resolve();
      };
      const cancel = clock.after(this.#intervalMs, end);
      signal.addEventListener("abort", end);
    });
  }
}

/** What fits into columns. */
function tableOf({ servers }: Snapshot): readonly object[] {
  return servers.map(({ server, mode, zxid, requestsPerSecond, latency, ...counts }) => {
    const { connections, sessions, watches, znodes, ephemerals, outstanding } = counts;
    const told = { connections, sessions, watches, znodes, ephemerals, outstanding };
    return { server, mode, zxid, requestsPerSecond, latency, ...told };
  });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
