#!/usr/bin/env node
import { Command } from "commander";
import { bridgeCommand } from "./bridge-command.ts";
import { CommandError } from "./command-error.ts";

const program = new Command("edgekeeper")
  .description("ZooKeeper as a serverless edge service")
  .addCommand(bridgeCommand());

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommandError)) throw error;
  process.stderr.write(`edgekeeper: ${error.message}\n`);
  process.exitCode = 1;
}
