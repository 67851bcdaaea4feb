import { type Command, CommanderError, Option } from "commander";
import { CommandError } from "./command-error.ts";
import { errorText } from "./error-text.ts";
import { ExitCode, exitCodeOfSignal } from "./exit-code.ts";
import { type Interrupts, nameOfInterrupt } from "./interrupts.ts";
import { withTwoDashes } from "./single-dashes.ts";
import { type Paint, PLAIN } from "./output/colours.ts";
import { FORMATS, type Format, type Output, type OutputStreams } from "./output/output.ts";
import { suggestCommand } from "./suggest-command.ts";

/** Gives a program its commands, and what they have in common. */
export function withCommands(
  program: Command,
  commands: readonly Command[],
  { out, err, paintError = PLAIN }: OutputStreams,
): Command {
  program
    .exitOverride()
    .configureOutput({
      writeOut: out,
      writeErr: err,
      outputError: (text, write) => write(painted(paintError, withSuggestion(program, text))),
    })
    .showSuggestionAfterError()
    .showHelpAfterError(helpHint(program));
  for (const command of commands) {
    program.addCommand(command.copyInheritedSettings(program));
    command.showHelpAfterError(helpHint(program, command));
  }
  return program;
}

function helpHint(program: Command, command?: Command): string {
  const words = [program.name(), "help", command?.name() ?? ""].filter((word) => word !== "");
  return `see "${words.join(" ")}"`;
}

/** Commander's own suggestion stays where we have none. */
function withSuggestion(program: Command, text: string): string {
  const [, word] = /^error: unknown command '(.*)'/.exec(text) ?? [];
  if (word === undefined) return text;
  const names = program.commands.map((command) => command.name());
  const hint = suggestCommand(word, names);
  return hint === undefined ? text : `error: unknown command '${word}'\n(${hint})`;
}

/** Lets a command print in another format than its program does. */
export function withFormat(command: Command, output: Output): Command {
  return command
    .addOption(new Option("-o, --output <format>", "how to print results").choices(FORMATS))
    .hook("preAction", (_, { parent }) => {
      const { output: own } = command.opts<{ readonly output?: Format }>();
      const { output: format = "text" } = parent?.opts<{ readonly output?: Format }>() ?? {};
      output.format = own ?? format;
    })
    .hook("postAction", () => output.end());
}

/** How a command is run. */
export interface RunOptions {
  readonly err: OutputStreams["err"];
  /** Colours for `err`; none if absent. */
  readonly paintError?: Paint | undefined;
  /** Stands before the program's own errors; ZooKeeper's are printed as they are. */
  readonly prefix?: string;
  readonly interrupts: Interrupts;
}

/**
 * Runs the command that words name, and prints what goes wrong in one line. A command that was
 * interrupted and goes on is left alone.
 *
 * @returns the exit code, 0 or one of {@link ExitCode} and {@link exitCodeOfSignal}.
 * @throws what is our own bug
 */
export async function runCommand(
  program: Command,
  words: readonly string[],
  { err, paintError = PLAIN, prefix = "", interrupts }: RunOptions,
): Promise<number> {
  try {
    const running = program.parseAsync(wordsToRun(program, words), { from: "user" });
    await Promise.race([running, interrupts.abandoned]);
    return 0;
  } catch (error) {
    const { signal } = interrupts;
    if (signal.aborted) return exitCodeOfSignal(nameOfInterrupt(signal));
    // Commander has printed its own.
    if (error instanceof CommanderError) {
      return error.code === "commander.unknownCommand" ? ExitCode.notFound : error.exitCode;
    }
    const told = errorText(error);
    if (told === undefined) throw error;
    const before = error instanceof CommandError ? prefix : "";
    if (told.text !== "") err(painted(paintError, `${before}${told.text}\n`));
    return told.exitCode;
  }
}

/** Help of a command that does not exist is asked of that one, to be told what was meant. */
function wordsToRun(program: Command, words: readonly string[]): readonly string[] {
  const [help, topic] = words;
  if (help !== "help" || topic === undefined || topic.startsWith("-")) return withTwoDashes(words);
  const names = program.commands.flatMap((command) => [command.name(), ...command.aliases()]);
  return [...names, "help"].includes(topic) ? words : [topic];
}

/** The end of the line has no colour, so that nothing of it goes on. */
function painted(paint: Paint, text: string): string {
  return `${paint("error", text.replace(/\n+$/, ""))}\n`;
}
