import { Command } from "commander";
import { SYSTEM_CLOCK } from "../../client/clock.ts";
import type { CommandContext } from "../command-context.ts";
import { completeWord, type OpenWord, type WordCompletion } from "./complete-word.ts";
import { grammarOf } from "./grammar.ts";
import { inBashWords, openShellWord } from "./open-shell-word.ts";

/** What our scripts ask with each Tab; not for people. */
export const COMPLETE = "__complete";

/** Each Tab makes a connection of its own. */
const PATIENCE_MS = 2_000;

/**
 * `__complete word…`: completes the last of the words behind the program's name.
 *
 * bash asks with `--line`, up to the cursor, and has the word as readline sees it.
 *
 * The first line of the answer says what is wanted there, `words`, `path`, `file` or `program`; each
 * other one is a candidate, and except for bash a tab, and what it is. Whatever goes wrong, nothing is
 * said.
 */
export function completeCommand(
  root: Command,
  { connection, output }: Pick<CommandContext, "connection" | "output">,
): Command {
  const complete = async ({ words, piece }: OpenWord): Promise<WordCompletion> => {
    const source = {
      client: () => connection.open(serverIn(root, words)),
      clock: SYSTEM_CLOCK,
      patienceMs: PATIENCE_MS,
    };
    return await completeWord({ words, piece }, grammarOf(root), source);
  };
  return new Command(COMPLETE)
    .argument("[words...]")
    .option("--line <line>")
    .helpOption(false)
    .action(async (words: readonly string[], { line }: { readonly line?: string }) => {
      const last = words.at(-1) ?? "";
      if (line === undefined) {
        const completion = await complete({ words: words.slice(0, -1), piece: last });
        const described = completion.candidates.map((word) => `${word.value}\t${word.description}`);
        answer(output, [completion.kind, ...described]);
      } else {
        const word = openShellWord(line);
        const { kind, candidates } = await complete(word);
        const values = candidates.map(({ value }) => value);
        answer(output, [kind, ...inBashWords(values, word, last)]);
      }
    });
}

/** Which server is meant, as far as that was typed. */
function serverIn(root: Command, words: readonly string[]): string {
  root.parseOptions([...words]);
  return root.opts<{ readonly server: string }>().server;
}

/** A name with a line end in it cannot be told. */
function answer(output: CommandContext["output"], lines: readonly string[]): void {
  for (const line of lines) if (!line.includes("\n")) output.line(line);
}
