import { EventEmitter } from "node:events";
import { beforeEach, describe, expect, it } from "vitest";
import type { FourLetterWord } from "../../../src/protocol/four-letter-word.ts";
import { CommandError } from "../../../src/cli/command-error.ts";
import type { ScreenStreams } from "../../../src/cli/top/screen.ts";
import { settled } from "../client/fake-clock.ts";
import { ShellHarness } from "./shell-harness.ts";

const SRVR = `Zookeeper version: 3.8.0, built on 2024-12-29 17:54 UTC
Latency min/avg/max: 0/1.25/16
Received: REQUESTS
Sent: 99
Connections: 3
Outstanding: 2
Zxid: 0x1f
Mode: leader
Node count: 12
Proposal sizes last/min/max: 48/48/48
`;
const MNTR = `zk_version	3.8.0
zk_server_state	leader
zk_packets_received	REQUESTS
zk_num_alive_connections	3
zk_global_sessions	2
zk_watch_count	4
zk_znode_count	12
zk_ephemerals_count	3
zk_outstanding_requests	2
zk_avg_latency	1.25
zk_max_latency	16
zk_min_latency	0
`;
const CONS = ` /10.0.0.1:4711[1](queued=1,recved=SOME,sent=8,sid=0x1a,lop=SETD,est=1,to=30000,lcxid=0x7,lzxid=0x1f,lresp=5,llat=0,minlat=0,avglat=2,maxlat=16)
 /[0:0:0:0:0:0:0:1]:4712[1](queued=0,recved=3,sent=3,sid=0x1b,lop=PING,est=1,to=4000,lzxid=0x1e,lresp=5,llat=0,minlat=0,avglat=0,maxlat=1)
 /127.0.0.1:4713[0](queued=0,recved=1,sent=0)

`;
const DUMP = `SessionTracker dump:
Session Sets (1)/(2):
2 expire at Sun Nov 22 10:46:19 UTC 2026:
	0x1a
	0x1b
ephemeral nodes dump:
Sessions with Ephemerals (1):
0x1b:
	/master
	/workers/w1
	/workers/w2
Connections dump:
Connections Sets (1)/(1):
1 expire at Sun Nov 22 10:46:11 UTC 2026:
	ip: /127.0.0.1:50566 sessionId: 0x1a
`;
const REFUSED = "WORD is not executed because it is not in the whitelist.\n";

let harness: ShellHarness;
let requests: number;

beforeEach(() => {
  harness = new ShellHarness();
  requests = 100;
  harness.askWordAt = async (_server, word) => answer(word);
});

function answer(word: FourLetterWord): string {
  // Every look finds 50 more.
  if (word === "srvr") requests += 50;
  const texts: Partial<Record<FourLetterWord, string>> = {
    srvr: SRVR,
    mntr: MNTR,
    cons: CONS,
    wchs: "1 connections watching 3 paths\nTotal watches:4",
    dump: DUMP,
  };
  const text = texts[word] ?? "";
  return text.replaceAll("REQUESTS", `${requests}`).replaceAll("SOME", `${requests - 90}`);
}

describe("top --once", () => {
  it("[SH51] prints what a server says of itself and of its sessions, with rates", async () => {
    expect(await once()).toBe(0);
    const [, server, , headings, first, second, end] = harness.out.split("\n").map(cells);
    expect(server?.slice(0, 5)).toEqual(["one:1", "leader", "0x1f", "25", "0/1.3/16 ms"]);
    expect(server?.slice(5)).toEqual(["3", "2", "4", "12", "3", "2"]);
    expect(headings?.slice(0, 4)).toEqual(["SESSION", "CLIENT", "LAST", "REQUESTS"]);
    expect(first?.slice(0, 6)).toEqual(["0x1a", "10.0.0.1:4711", "SETD", "110", "25", "1"]);
    expect(second?.slice(0, 6)).toEqual([
      "0x1b",
      "[0:0:0:0:0:0:0:1]:4712",
      "PING",
      "3",
      "0.0",
      "0",
    ]);
    expect([first?.at(-1), second?.at(-1)]).toEqual(["0", "3"]);
    expect(end).toEqual([""]);
  });

  it("[SH52] says in place what a server keeps for itself", async () => {
    harness.askWordAt = async (_server, word) =>
      word === "srvr" ? answer(word) : REFUSED.replace("WORD", word);
    expect(await once()).toBe(0);
    const [, server, note, , nothing] = harness.out.split("\n");
    expect(cells(server ?? "")).toEqual([
      "one:1",
      "leader",
      "0x1f",
      "25",
      "0/1.3/16 ms",
      "3",
      "-",
      "-",
      "12",
      "-",
      "2",
    ]);
    expect(note).toBe("  does not tell mntr, cons, wchs, dump: not in its 4lw.commands.whitelist");
    expect(nothing).toBe("no server tells its connections");
  });

  it("[SH52] has a line for each server, also for one that nobody reaches", async () => {
    harness = new ShellHarness("one:1,two:2");
    harness.askWordAt = async (server, word) => {
      if (server === "two:2") throw new CommandError("expected a ZooKeeper at two:2, saw: nobody");
      return answer(word);
    };
    expect(await once("-o", "json")).toBe(0);
    const { servers } = JSON.parse(harness.out);
    expect(servers).toMatchObject([
      { server: "one:1", mode: "leader", requestsPerSecond: 25, notes: [] },
      { server: "two:2", notes: ["expected a ZooKeeper at two:2, saw: nobody"] },
    ]);
  });

  it("[SH52] ends with 1 if no server answers at all", async () => {
    harness.askWordAt = () => Promise.reject(new CommandError("nobody is there"));
    expect(await once()).toBe(1);
    expect(harness.out).toContain("nobody is there");
    expect(harness.err).toBe("edgekeeper: no server answers\n");
  });

  it("[SH53] reads a service by its commands, and members of its ensemble by themselves", async () => {
    harness = new ShellHarness("http://one");
    harness.askWord = async (word) => (word === "srvr" ? answer(word) : REFUSED);
    harness.askRoute = async (route) => json(ROUTES[route]);
    expect(await once("-o", "json")).toBe(0);
    const { servers, sessions } = JSON.parse(harness.out);
    expect(servers).toMatchObject([
      { server: "http://one", zxid: "0x1f", watches: 7, sessions: 9, notes: [] },
      { server: "  member 1", mode: "leader", lag: 0, connections: 2 },
      { server: "  member 2", mode: "unreachable", notes: ["timed out"] },
    ]);
    expect(sessions).toMatchObject([{ session: "0xff", client: "10.0.0.1:5", ephemerals: 2 }]);
  });

  it("[SH53] takes the words of a service that lets nobody but admins see its commands", async () => {
    harness = new ShellHarness("http://one");
    harness.askWord = async (word) => answer(word);
    harness.askRoute = async () => ({ status: 403, contentType: "text/plain", text: "no" });
    expect(await once("-o", "json")).toBe(0);
    expect(JSON.parse(harness.out).servers).toMatchObject([{ mode: "leader", watches: 4 }]);
  });
});

describe("top on a terminal", () => {
  it("[SH54] draws on its own page, follows keys and sizes, and gives everything back", async () => {
    const terminal = new FakeTerminal();
    harness.screen = terminal.streams;
    const running = harness.runOnce(["top"]);
    await settled();
    expect(terminal.written.startsWith("\u001B[?1049h\u001B[?25l")).toBe(true);
    expect(terminal.isRaw).toBe(true);
    await harness.clock.advance(2_000);
    expect(terminal.lines()).toHaveLength(24);
    expect(terminal.lines().find((line) => line.startsWith("one:1"))).toContain("25");

    terminal.press("s");
    expect(terminal.lines()[0]).toMatch(/by requests$/);
    terminal.press("h");
    expect(terminal.lines()).toContain("  q  quits, as Ctrl-C does");
    terminal.press("h");
    terminal.resize(40, 9);
    expect(terminal.lines()).toHaveLength(9);
    expect(terminal.lines().every((line) => line.length <= 40)).toBe(true);
    expect(terminal.lines()).toContain("2 more lines");

    terminal.press("q");
    expect(await running).toBe(0);
    expect(terminal.written.endsWith("\u001B[?25h\u001B[?1049l")).toBe(true);
    expect(terminal.isRaw).toBe(false);
    expect(terminal.listeners).toBe(0);
  });

  it("[SH54] asks nothing while it is paused", async () => {
    const terminal = new FakeTerminal();
    harness.screen = terminal.streams;
    const running = harness.runOnce(["top", "--interval", "5"]);
    await harness.clock.advance(5_000);
    terminal.press("p");
    const asked = requests;
    await harness.clock.advance(60_000);
    expect(requests).toBe(asked);
    terminal.press(" ");
    await harness.clock.advance(5_000);
    expect(requests).toBeGreaterThan(asked);
    terminal.press("q");
    await running;
  });

  it("[SH54] gives everything back when it is interrupted, also while a server is silent", async () => {
    const terminal = new FakeTerminal();
    harness.screen = terminal.streams;
    harness.askWordAt = () => new Promise(() => undefined);
    const interruption = new AbortController();
    const running = harness.runOnce(["top"], interruption.signal);
    await settled();
    interruption.abort();
    expect(await running).toBe(130);
    expect(terminal.written.endsWith("\u001B[?25h\u001B[?1049l")).toBe(true);
    expect([terminal.isRaw, terminal.listeners]).toEqual([false, 0]);
  });

  it("[SH54] shows nothing that steers the terminal, whatever servers say", async () => {
    const terminal = new FakeTerminal();
    harness.screen = terminal.streams;
    harness.askWordAt = async (_server, word) => answer(word).replace("leader", "\u001B[2Jevil");
    const running = harness.runOnce(["top"]);
    await harness.clock.advance(2_000);
    expect(terminal.lines().join("")).toContain(" [2Jevil");
    terminal.press("q");
    await running;
  });
});

/** Runs `top --once` while its time passes. */
async function once(...words: readonly string[]): Promise<number> {
  const running = harness.runOnce(["top", "--once", ...words]);
  await harness.clock.advance(2_000);
  return running;
}

function cells(line: string): string[] {
  return line.split(/ {2,}/);
}

function json(value: unknown) {
  const text = JSON.stringify(value);
  return { status: value === undefined ? 404 : 200, contentType: "application/json", text };
}

const ROUTES: Readonly<Record<string, unknown>> = {
  "/commands/monitor": { server_state: "leader", global_sessions: 9, error: null },
  "/commands/watch_summary": { num_total_watches: 7, error: null },
  "/commands/connections": {
    connections: [
      { remote_socket_address: "/10.0.0.1:5", session_id: 255, packets_received: 4 },
      { remote_socket_address: "/10.0.0.1:6", session_id: 0 },
    ],
    error: null,
  },
  "/commands/dump": { session_id_to_ephemeral_paths: { 255: ["/a", "/b"] }, error: null },
  "/ensemble": {
    members: [
      { id: 1, state: "LEADING", zxid: "0x1f", lag: 0, connections: 2, sessions: 9 },
      { id: 2, state: "UNREACHABLE", reason: "timed out" },
    ],
  },
};

/** A terminal of 24 lines that remembers what was written to it. */
class FakeTerminal {
  written = "";
  isRaw = false;
  readonly #keys = new EventEmitter();
  readonly #size = Object.assign(new EventEmitter(), { columns: 150, rows: 24 });

  get streams(): ScreenStreams {
    const input = Object.assign(this.#keys, {
      setRawMode: (isRaw: boolean) => (this.isRaw = isRaw),
      setEncoding: () => undefined,
      resume: () => undefined,
      pause: () => undefined,
    });
    const output = Object.assign(this.#size, { write: (text: string) => (this.written += text) });
    // What a screen needs of them is here.
    return { input, output } as unknown as ScreenStreams;
  }

  get listeners(): number {
    return this.#keys.listenerCount("data") + this.#size.listenerCount("resize");
  }

  press(key: string): void {
    this.#keys.emit("data", key);
  }

  resize(columns: number, rows: number): void {
    Object.assign(this.#size, { columns, rows });
    this.#size.emit("resize");
  }

  /** What the last drawing shows. */
  lines(): string[] {
    const drawing = this.written.slice(this.written.lastIndexOf("\u001B[H") + 3);
    const end = drawing.indexOf("\u001B[J");
    return drawing.slice(0, end).replaceAll("\u001B[K", "").split("\r\n");
  }
}
