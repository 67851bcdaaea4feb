import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cleanUp } from "./clean-up.ts";
import { ProcessGroup, ROOT } from "./process-group.ts";
import { Service } from "./service.ts";
import { Ctrl, Terminal } from "./terminal.ts";

let service: Service;
beforeAll(async () => {
  service = await Service.start();
});
afterAll(cleanUp);

describe("txn", () => {
  it("[SH42] carries out what a pipe brings, and a transaction that fails does nothing", async () => {
    for (const server of servers()) {
      const made = start(server, "txn");
      made.write("create /sh42 one\nset /sh42 two\ncheck /sh42 1\n");
      made.endInput();
      await made.succeed();
      expect(made.output).toContain("2  set /sh42 two     version 1");

      const failing = start(server, "txn");
      failing.write("delete /sh42\ndelete /sh42/none\n");
      failing.endInput();
      await expect(failing.succeed()).rejects.toThrow("line 2: delete /sh42/none");
      expect(await run(server, "get", "/sh42")).toBe("two\n");
      await run(server, "delete", "/sh42");
    }
  });

  it("[SH46] takes its lines from those of a shell, which goes on behind them", async () => {
    const shell = start(service.base, "shell");
    shell.write("txn\ncreate /sh46 a\nset /sh46 b\n\nget /sh46\ndelete /sh46\nquit\n");
    shell.endInput();
    await shell.succeed();
    expect(shell.output).toMatch(/Created \/sh46\n[^]*version 1\nb\n/);
  });

  it("[SH44] at a terminal completes words and paths, and lets mistakes be mended", async () => {
    await run(service.base, "create", "/sh44-long-name", "x");
    const terminal = newTerminal();
    terminal.type(`${COMMAND} txn\n`);
    await terminal.shows(/txn 1> /g);
    // What comes at once is taken for pasted, and a tab in it for text.
    terminal.type("del\t");
    await terminal.shows(/delete /g);
    terminal.type("/sh44-l\t");
    await terminal.shows(/\/sh44-long-name/g);
    terminal.type("\n");
    await terminal.shows(/txn 2> /g);
    terminal.type("set /sh44\n");
    await terminal.shows(/missing required argument 'data'[^]*txn 2> /g);
    terminal.type("\n");
    await terminal.shows(/1 {2}delete \/sh44-long-name {2}deleted/g);
    expect(await run(service.base, "ls", "/")).not.toContain("sh44");
  });
});

describe("bench", () => {
  it("[SH48] removes what it made, also after Ctrl-C and SIGTERM", async () => {
    const [byUrl, byTcp] = servers();
    for (const [server, signal] of [
      [byUrl, "SIGINT"],
      [byTcp, "SIGTERM"],
    ] as const) {
      const bench = start(server, "bench", "create", "-c", "2", "-n", "4", "--duration", "60");
      const folders = () => foldersOf(server);
      await expect.poll(folders, { timeout: 30_000 }).toContain("folder-0");
      bench.signal(signal);
      await expect(bench.succeed()).rejects.toThrow(/ended with 1(30|43)/);
      expect(await run(server, "ls", "/")).not.toContain("edgekeeper-bench");
    }
  });

  it("[SH47] measures a service by its URL and by TCP alike", async () => {
    for (const server of servers()) {
      const printed = await run(server, "-o", "json", "bench", "--operations", "200", "-c", "2");
      const { results } = JSON.parse(printed);
      expect(results).toHaveLength(4);
      expect(results).toMatchObject(
        Array.from({ length: 4 }, () => ({ requests: 200, errors: {} })),
      );
    }
  });

  it("[SH50] check perf passes by what it says, or says what was too slow", async () => {
    const check = start(service.base, "check", "perf", "--duration", "3");
    await check.succeed().catch(() => undefined);
    expect(check.output).toMatch(/^(PASS|FAIL): throughput is \d+ writes\/s, at least 135/m);
    expect(check.output.trimEnd().split("\n").at(-1)).toMatch(/^(PASS|FAIL)$/);
    expect(await run(service.base, "ls", "/")).not.toContain("edgekeeper-bench");
  });
});

describe("top", () => {
  it("[SH51] --once prints the sessions of a server, by URL and by TCP", async () => {
    const watcher = start(`127.0.0.1:${service.nativePort}`, "watch", "/");
    for (const server of servers()) {
      const printed = async () => JSON.parse(await run(server, "-o", "json", "top", "--once"));
      await expect.poll(printed, { timeout: 30_000 }).toMatchObject({
        servers: [{ server, mode: "standalone", sessions: 1, watches: 1 }],
        sessions: [{ lastOperation: "ADDW", timeoutMs: 30_000 }],
      });
    }
    watcher.signal("SIGINT");
  });

  it.each([["q"], [Ctrl.c], ["SIGTERM"]])(
    "[SH54] leaves the terminal as it was, ended by %j",
    async (end) => {
      const terminal = newTerminal();
      await terminal.paste("stty -a | sed 's/^/before: /'");
      terminal.type(`sh -c 'echo pid=$$; exec ${COMMAND} top --interval 1'\n`);
      await terminal.shows(/\[\?1049h/g);
      await terminal.shows(/SERVER +MODE[^]*standalone[^]*q quit/g);
      terminal.type("h");
      await terminal.shows(/quits, as Ctrl-C does/g);
      terminal.type("h");
      await terminal.shows(/SERVER +MODE/g);
      if (end === "SIGTERM") process.kill(Number(/pid=(\d+)/.exec(terminal.group.output)?.[1]));
      else terminal.type(end);
      await terminal.shows(/\[\?25h.\[\?1049l/g);
      await terminal.shows(/ready> /g);
      await terminal.paste("stty -a | sed 's/^/after: /'");
      expect(linesOf(terminal, "after")).toEqual(linesOf(terminal, "before"));
    },
  );
});

const COMMAND = `${process.execPath} ${ROOT}/src/cli/main.ts`;

/** A terminal of 24 lines, on the service. */
function newTerminal(): Terminal {
  const terminal = Terminal.withKeys({ EDGEKEEPER_SERVER: service.base, NO_COLOR: "1" });
  terminal.type("stty columns 150 rows 24; PS1='ready''> '\n");
  return terminal;
}

/** Both doors of the service. */
function servers(): readonly [string, string] {
  return [service.base, `127.0.0.1:${service.nativePort}`];
}

function start(server: string, ...args: readonly string[]): ProcessGroup {
  const words = ["src/cli/main.ts", "--server", server, ...args];
  return new ProcessGroup(process.execPath, { arguments: words });
}

async function run(server: string, ...args: readonly string[]): Promise<string> {
  const command = start(server, ...args);
  await command.succeed();
  return command.output;
}

/** Into what a load of this server creates; nothing where there is none. */
async function foldersOf(server: string): Promise<string> {
  const root = /edgekeeper-bench[^,\]]*/.exec(await run(server, "ls", "/"))?.[0];
  return root === undefined ? "" : await run(server, "ls", `/${root}`);
}

function linesOf(terminal: Terminal, mark: string): string[] {
  return terminal.group.output
    .split(/\r?\n/)
    .filter((line) => line.startsWith(`${mark}: `))
    .map((line) => line.slice(mark.length));
}
