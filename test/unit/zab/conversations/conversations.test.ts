import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Command } from "./commands/command.ts";
import { memberCommands } from "./commands/members.ts";
import { packetCommands } from "./commands/packets.ts";
import { timeCommands } from "./commands/time.ts";
import { viewCommands } from "./commands/views.ts";
import { workCommands } from "./commands/work.ts";
import { parsePlay, perform } from "./script.ts";
import { Stage } from "./stage.ts";

const PLAYS = new URL("plays/", import.meta.url);

const COMMANDS: ReadonlyMap<string, Command> = new Map(
  Object.entries({
    ...memberCommands,
    ...packetCommands,
    ...timeCommands,
    ...viewCommands,
    ...workCommands,
  }),
);

function playOn(stage: Stage): (command: string) => readonly string[] {
  return (line) => {
    const [name = "", ...args] = line.split(/\s+/);
    const command = COMMANDS.get(name);
    if (command === undefined) throw new Error(`there is no command ${name}`);
    command(stage, args);
    const lines = stage.takeLines();
    return lines.length === 0 ? ["ok"] : lines;
  };
}

const plays = readdirSync(PLAYS).filter((name) => name.endsWith(".txt"));

test("plays are there to be read", () => {
  expect(plays.length).toBeGreaterThanOrEqual(15);
});

test("a play is read as prose, commands and traces", () => {
  const text = "# A play.\nstart 1\n----\nold\ntrace\n\nstatus\n----\n";
  expect(parsePlay(text).scenes.map(({ command }) => command)).toEqual(["start 1", "status"]);
  expect(perform(text, (command) => [`did ${command}`])).toBe(
    "# A play.\nstart 1\n----\ndid start 1\n\nstatus\n----\ndid status\n",
  );
});

// `vitest -u` writes the traces anew; read what changed before it is kept.
test.each(plays)("%s plays as written", async (name) => {
  const url = new URL(name, PLAYS);
  const played = perform(readFileSync(url, "utf8"), playOn(new Stage()));
  await expect(played).toMatchFileSnapshot(url.pathname);
});
