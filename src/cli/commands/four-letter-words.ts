import { Argument, Command } from "commander";
import { FOUR_LETTER_WORDS, type FourLetterWord } from "../../protocol/four-letter-word.ts";
import type { CommandContext } from "../command-context.ts";
import { CommandError } from "../command-error.ts";

const RUOK_HELP = `
Ends with 1 if it does not.

Example:
  ruok`;

const WORD_HELP = `
ZooKeeper answers those that its 4lw.commands.whitelist names.

Examples:
  4lw srvr
  4lw mntr`;

/** `ruok`: ends with 1 if the server is not. */
export function ruokCommand({ askWord, output }: CommandContext): Command {
  return new Command("ruok")
    .description("ask whether the server serves")
    .addHelpText("after", RUOK_HELP)
    .action(async () => {
      const answer = await askWord("ruok");
      if (answer.trim() !== "imok") throw new CommandError(answer.trim());
      output.line("imok");
    });
}

/** `4lw word`: what operators ask. The server chooses which words it answers. */
export function fourLetterWordCommand({ askWord, output }: CommandContext): Command {
  return new Command("4lw")
    .description("ask a four-letter word: srvr, mntr, cons, …")
    .addArgument(new Argument("<word>", "what to ask").choices(FOUR_LETTER_WORDS))
    .addHelpText("after", WORD_HELP)
    .action(async (word: FourLetterWord) => {
      const answer = await askWord(word);
      output.show({ value: { word, answer }, text: answer.trimEnd().split("\n"), raw: answer });
    });
}
