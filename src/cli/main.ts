#!/usr/bin/env node
import { programOf } from "./program.ts";
import { runCommand } from "./run-command.ts";

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // Whoever read has enough, like head; nobody is left to be told anything.
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

const interruption = new AbortController();
const { signal } = interruption;
const { root, words, streams, close } = programOf(process.argv.slice(2), signal);

root.hook("preAction", (_, command) => {
  // The bridge has its own end.
  if (command.name() === "bridge") return;
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    // Commands come to their own end; a second signal ends the process as it always does.
    process.once(name, () => interruption.abort(new DOMException(name, "AbortError")));
  }
});

const exitCode = await runCommand(root, words, { ...streams, prefix: "edgekeeper: ", signal });
await close();
// A shell and a command that ran another one have said theirs.
if (exitCode !== 0) process.exitCode = exitCode;
