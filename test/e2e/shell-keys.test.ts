import { once } from "node:events";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cleanUp } from "./clean-up.ts";
import { ProcessGroup, ROOT } from "./process-group.ts";
import { newFolder, Service } from "./service.ts";
import { Ctrl, Terminal, Up } from "./terminal.ts";

let service: Service;
beforeAll(async () => {
  service = await Service.start();
});
afterAll(cleanUp);

describe("the shell", () => {
  it("[SH60] Ctrl-C drops the line and ends the command, and Ctrl-D leaves", async () => {
    const terminal = newTerminal();
    terminal.type("edgekeeper\n");
    await terminal.shows(/CONNECTED\) 0\] /g);
    terminal.type(`create /sh60 never${Ctrl.c}`);
    await terminal.shows(/\^C[^]*CONNECTED\) 0\] /g);
    terminal.type("watch /\n");
    await expect.poll(() => change(terminal), { timeout: 20_000 }).toContain(CHANGED);
    terminal.type(Ctrl.c);
    terminal.type("create -e /sh60 left\n");
    await terminal.shows(/Created \/sh60/g);
    const silent = await silentServer();
    terminal.type(`connect ${silent.address}\n`);
    await silent.accepted;
    terminal.type(Ctrl.c);
    await terminal.shows(/\(CLOSED\) 3\] /g);
    terminal.type(Ctrl.d);
    await terminal.shows(READY);
    await terminal.paste("echo code=$?");

    expect(terminal.group.output).toContain("code=130");
    expect(await run("ls", "/")).toContain("[zookeeper]");
  });

  it("[SH61] however it ends, the terminal is as it was, and ephemerals go at once", async () => {
    for (const end of ["quit\n", Ctrl.d, "SIGTERM"]) {
      const terminal = newTerminal();
      await terminal.paste("stty -a | sed 's/^/before: /'");
      terminal.type("sh -c 'echo pid=$$; exec edgekeeper'\n");
      await terminal.shows(/CONNECTED\) 0\] /g);
      terminal.type("create -e /sh61 x\n");
      await terminal.shows(/Created \/sh61/g);
      if (end === "SIGTERM") process.kill(Number(/pid=(\d+)/.exec(terminal.group.output)?.[1]));
      else terminal.type(end);
      await terminal.shows(READY);
      await terminal.paste("stty -a | sed 's/^/after: /'");

      expect(linesOf(terminal, "after")).toEqual(linesOf(terminal, "before"));
      expect(await run("ls", "/")).toContain("[zookeeper]");
    }
  });
});

it("[SH67] Up brings back a line of an earlier shell, behind its beginning those that begin so", async () => {
  const history = { EDGEKEEPER_HISTORY: join(newFolder(), "history") };
  for (const lines of ["ls /\nget /none\naddauth digest bob:pw\n", `ls${Up}\n`, `${Up}${Up}\n`]) {
    const terminal = newTerminal(history);
    terminal.type("edgekeeper\n");
    await terminal.shows(/CONNECTED\) 0\] /g);
    terminal.type(lines);
    await terminal.shows(/CONNECTED\) [13]\] /g);
    terminal.type("quit\n");
    await terminal.shows(READY);
  }
  expect(readFileSync(history.EDGEKEEPER_HISTORY, "utf8")).toBe(
    "ls /\nget /none\nquit\nls /\nquit\nls /\nquit\n",
  );
});

it("[SH75] a program of the shell has the terminal for itself, and Ctrl-C ends it and its command", async () => {
  const editor = join(newFolder(), "editor");
  writeFileSync(editor, '#!/bin/sh\necho edits\nread line\nprintf %s "$line" > "$1"\n', {
    mode: 0o755,
  });
  const terminal = newTerminal({ EDITOR: editor });
  terminal.type("edgekeeper\n");
  await terminal.shows(/CONNECTED\) 0\] /g);
  terminal.type("edit --create /sh75\n");
  await terminal.shows(/[\r\n]edits/g);
  terminal.type("typedd\u007f\n");
  await terminal.shows(/CONNECTED\) 1\] /g);
  terminal.type("get /sh75\n");
  await terminal.shows(/[\r\n]typed\r/g);
  terminal.type("edit /sh75\n");
  await terminal.shows(/[\r\n]edits/g);
  terminal.type(Ctrl.c);
  await terminal.shows(/CONNECTED\) 3\] /g);
  terminal.type("delete /sh75\nquit\n");
  await terminal.shows(READY);
  expect(await run("ls", "/")).toContain("[zookeeper]");
});

describe("commands that wait", () => {
  it.each([
    ["lock --wait 60000 /sh62 -- true", /\/sh62\/.*-lock-\d+[^]*\/sh62\/.*-lock-\d+/],
    ["elect /sh62 -- true", /\/sh62\/.*-lock-\d+[^]*\/sh62\/.*-lock-\d+/],
  ])("[SH62] Ctrl-C ends %s, and nobody waits in its place", async (command, bothWait) => {
    const holder = edgekeeper("lock", "/sh62", "--", "sh", "-c", "echo holds; exec sleep 90");
    await expect.poll(() => holder.output, { timeout: 20_000 }).toContain("holds");
    const terminal = newTerminal();
    terminal.type(`edgekeeper ${command}\n`);
    await expect.poll(() => run("ls", "-R", "/sh62"), { timeout: 20_000 }).toMatch(bothWait);
    terminal.type(Ctrl.c);
    await terminal.shows(/\^C[^]*ready> /g);
    await terminal.paste("echo code=$?");

    expect(terminal.group.output).toContain("code=130");
    expect(await run("ls", "-R", "/sh62")).not.toMatch(bothWait);
    holder.signal("SIGINT");
    await expect.poll(() => run("ls", "/sh62"), { timeout: 20_000 }).toContain("[]");
  });

  it("[SH62] Ctrl-C ends the way to a server that is silent, and a watch", async () => {
    const terminal = newTerminal();
    const silent = await silentServer();
    terminal.type(`edgekeeper --server ${silent.address} ls /; echo "code"=$?\n`);
    await silent.accepted;
    terminal.type(Ctrl.c);
    await terminal.shows(/code=130/g);
    terminal.type('edgekeeper watch /; echo "code"=$?\n');
    await expect.poll(() => change(terminal), { timeout: 20_000 }).toContain(CHANGED);
    terminal.type(Ctrl.c);
    await terminal.shows(/code=130/g);
  });

  it("[SH63] a program under a lock gets Ctrl-C once, and has ended before the lock is free", async () => {
    const terminal = newTerminal();
    const program = 'trap "echo asked" INT; echo st""arted; while :; do sleep 0.1; done';
    terminal.type(`edgekeeper lock /sh63 -- sh -c '${program}'\n`);
    await terminal.shows(/[\r\n]started/g);
    terminal.type(Ctrl.c);
    await terminal.shows(/asked\r\n/g);
    expect(await run("ls", "/sh63")).toMatch(/lock-/);
    terminal.type(Ctrl.c);
    await terminal.shows(/\^C[^]*ready> /g);
    await terminal.paste("echo code=$?");

    expect(terminal.group.output).toContain("code=130");
    expect(terminal.group.output.match(/asked\r\n/g)?.length).toBeLessThanOrEqual(2);
    expect(await run("ls", "/sh63")).toContain("[]");
  });
});

/** What a watch of the root tells of a {@link change}. */
const CHANGED = "NodeChildrenChanged /";

/** Changes the root. @returns what a terminal shows. */
async function change(terminal: Terminal): Promise<string> {
  await run("create", "-e", "/change");
  return terminal.group.output;
}

/** A server that lets everybody wait. */
async function silentServer(): Promise<{ address: string; accepted: Promise<void> }> {
  const accepted = Promise.withResolvers<void>();
  const server = createServer((socket) => {
    socket.on("error", () => undefined).resume();
    accepted.resolve();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  server.unref();
  const { port } = server.address() as AddressInfo;
  return { address: `127.0.0.1:${port}`, accepted: accepted.promise };
}

/** The prompt of the shell around ours. */
const READY = /ready> /g;

/** A terminal in which `edgekeeper` is a command, on the service. */
function newTerminal(environment: Readonly<Record<string, string>> = {}): Terminal {
  const terminal = Terminal.withKeys({
    EDGEKEEPER_SERVER: service.base,
    XDG_STATE_HOME: newFolder(),
    NO_COLOR: "1",
    ...environment,
    PATH: `${commandFolder()}:${process.env["PATH"]}`,
  });
  terminal.type("stty columns 200; PS1='ready''> '\n");
  return terminal;
}

/** A folder in which `edgekeeper` is an executable. */
function commandFolder(): string {
  const folder = newFolder();
  const command = join(folder, "edgekeeper");
  writeFileSync(command, `#!/bin/sh\nexec ${process.execPath} ${ROOT}/src/cli/main.ts "$@"\n`);
  chmodSync(command, 0o755);
  return folder;
}

function edgekeeper(...args: readonly string[]): ProcessGroup {
  return new ProcessGroup(process.execPath, {
    arguments: ["src/cli/main.ts", "--server", service.base, ...args],
  });
}

async function run(...args: readonly string[]): Promise<string> {
  const command = edgekeeper(...args);
  await command.succeed();
  return command.output;
}

function linesOf(terminal: Terminal, mark: string): string[] {
  return terminal.group.output
    .split(/\r?\n/)
    .filter((line) => line.startsWith(`${mark}: `))
    .map((line) => line.slice(mark.length));
}
