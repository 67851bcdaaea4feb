import { readFileSync } from "node:fs";
import { CommandError } from "./command-error.ts";

/** Reads the text file that an option names. @throws CommandError for one that can't be read. */
export function readNamedFile(option: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const seen = error instanceof Error ? error.message : String(error);
    throw new CommandError(`expected ${option} to name a readable file, saw ${seen}`);
  }
}
