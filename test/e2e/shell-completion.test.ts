import { spawnSync } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { cleanUp } from "./clean-up.ts";
import { ProcessGroup, ROOT } from "./process-group.ts";
import { newFolder, Service } from "./service.ts";
import { Terminal } from "./terminal.ts";

let service: Service;
beforeAll(async () => {
  service = await Service.start();
  const lines = ["/app", "/app/two words", "/apple", "/b:c"].map((path) => `create '${path}'`);
  const shell = new ProcessGroup(process.execPath, {
    arguments: [`${ROOT}/src/cli/main.ts`, "--server", service.base],
  });
  shell.write(`${lines.join("\n")}\n`);
  shell.endInput();
  await shell.succeed();
});
afterAll(cleanUp);

/** How each shell is started so that it reads no file of its user, and what it has to be told. */
const SHELLS = {
  bash: { command: "bash --norc --noprofile -i", setUp: "" },
  zsh: { command: "zsh -f -i", setUp: "autoload -U compinit; compinit -u -D; " },
  fish: { command: "fish --no-config -i", setUp: "" },
} as const;

it.for(Object.keys(SHELLS) as (keyof typeof SHELLS)[])(
  "[SH66] the script for %s completes commands, options, choices and paths",
  async (name, { skip }) => {
    skip(!isInstalled(name), `there is no ${name} on this machine`);
    const { command, setUp } = SHELLS[name];
    const terminal = Terminal.withKeys(environment(), command);
    const script = `edgekeeper completion ${name}`;
    terminal.type(`${setUp}${name === "fish" ? `${script} | source` : `source <(${script})`}\n`);
    terminal.type("edgekeeper ready\n");
    await terminal.shows(/got <ready>/g);
    for (const [typed, ...got] of [
      ["getAcl /appl", "getAcl", "/apple"],
      ["getAl", "getAllChildrenNumber"],
      ["-o js", "-o", "json"],
      ["ls --outp", "ls", "--output"],
      ["ls /app/", "ls", "/app/two words"],
      ["cp /b /b", "cp", "/b", "/b:c"],
    ]) {
      terminal.type(`edgekeeper ${typed}\t`);
      terminal.type("\n");
      const said = `got ${got.map((word) => `<${word}>`).join("")}`;
      await expect.poll(() => terminal.group.output, { timeout: 20_000 }).toContain(said);
    }
  },
);

it("[SH66] nothing is completed where no server answers, and nothing is said", async () => {
  const asked = new ProcessGroup(process.execPath, {
    arguments: [
      `${ROOT}/src/cli/main.ts`,
      "--server",
      "127.0.0.1:1",
      "__complete",
      "--",
      "ls",
      "/",
    ],
  });
  await asked.succeed();
  expect(asked.output).toBe("path\n");
});

function isInstalled(shell: string): boolean {
  return spawnSync(shell, ["--version"]).status === 0;
}

/** A folder in which `edgekeeper` completes as ours does, and else says what it got. */
function environment(): Record<string, string> {
  const folder = newFolder();
  const command = join(folder, "edgekeeper");
  const lines = [
    "#!/bin/sh",
    `case $1 in __complete|completion) exec ${process.execPath} ${ROOT}/src/cli/main.ts "$@";; esac`,
    `printf got\\ ; printf '<%s>' "$@"; echo`,
  ];
  writeFileSync(command, lines.join("\n"));
  chmodSync(command, 0o755);
  return {
    EDGEKEEPER_SERVER: service.base,
    HOME: folder,
    TERM: "xterm",
    PATH: `${folder}:${process.env["PATH"]}`,
  };
}
