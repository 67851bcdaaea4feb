import { createInterface } from "node:readline";
import { callbackify } from "node:util";
import { firstWordsGrammar } from "../completion/grammar.ts";
import type { ServerConnection } from "../server/server-connection.ts";
import { completeLine } from "./complete-line.ts";
import { type LineInput, LineReader } from "./line-input.ts";

/** Where the lines of a command of its own come from, and where its prompts go. */
export interface InputStreams {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream;
}

/**
 * Opens the input of a command that is none of a shell's.
 *
 * @param words - what Tab completes at the start of a line; behind it paths are completed.
 */
export function openInput(
  { input, output }: InputStreams,
  connection: ServerConnection,
  words: readonly string[],
): LineInput {
  const completer = callbackify((line: string) =>
    completeLine(line, firstWordsGrammar(words), connection.pathSource),
  );
  const isTerminal = input.isTTY === true;
  const lines = createInterface({ input, output, terminal: isTerminal, completer });
  // A terminal that is read key by key makes no signal of Ctrl-C.
  lines.on("SIGINT", () => process.kill(process.pid, "SIGINT"));
  return new LineReader(lines, { isTerminal, isOwn: true });
}
