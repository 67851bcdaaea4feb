#!/usr/bin/env node
import { SYSTEM_CLOCK } from "../client/clock.ts";
import { exitCodeOfSignal } from "./exit-code.ts";
import { Interrupts } from "./interrupts.ts";
import { nodeProblem } from "./node-version.ts";
import { programOf } from "./program.ts";
import { runCommand } from "./run-command.ts";

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // Whoever read has enough, like head; nobody is left to be told anything.
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

const problem = nodeProblem(process.versions.node);
if (problem !== undefined) {
  process.stderr.write(`edgekeeper: ${problem}\n`);
  process.exit(1);
}

/** Commands that see to their end themselves. */
const OWN_END: ReadonlySet<string> = new Set(["bridge", "serve"]);

const interrupts = new Interrupts(SYSTEM_CLOCK);
const { root, words, streams, close } = programOf(process.argv.slice(2), interrupts);

root.hook("preAction", (_, command) => {
  if (OWN_END.has(command.name())) return;
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => {
      // Whoever asks a third time does not want to wait for the session to be closed.
      if (interrupts.insisting.aborted) process.exit(exitCodeOfSignal(name));
      interrupts.interrupt(name);
    });
  }
});

const exitCode = await runCommand(root, words, { ...streams, prefix: "edgekeeper: ", interrupts });
interrupts[Symbol.dispose]();
await close();
// What was abandoned would keep us here.
if (interrupts.isAbandoned) process.exit(exitCode);
// A shell and a command that ran another one have said theirs.
if (exitCode !== 0) process.exitCode = exitCode;
