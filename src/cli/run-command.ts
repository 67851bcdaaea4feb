import { type Command, CommanderError, Option } from "commander";
import { CommandError } from "./command-error.ts";
import { errorText } from "./error-text.ts";
import { type Paint, PLAIN } from "./output/colours.ts";
import { FORMATS, type Format, type Output, type OutputStreams } from "./output/output.ts";

/** Exit code of a command that does not exist. Source: zkCli `CommandNotFoundException`. */
const NOT_FOUND = 127;
/** Exit code of a command that was interrupted: 128 and the number of SIGINT. */
const INTERRUPTED = 130;

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
      outputError: (text, write) => write(painted(paintError, text)),
    })
    .showSuggestionAfterError();
  for (const command of commands) program.addCommand(command.copyInheritedSettings(program));
  return program;
}

/** Lets a command print in another format than its program does. */
export function withFormat(command: Command, output: Output): Command {
  return command
    .addOption(new Option("-o, --output <format>", "how to print results").choices(FORMATS))
    .hook("preAction", (_, { parent }) => {
      const { output: own } = command.opts<{ readonly output?: Format }>();
      const { output: format = "text" } = parent?.opts<{ readonly output?: Format }>() ?? {};
      output.format = own ?? format;
    });
}

/** How a command is run. */
export interface RunOptions {
  readonly err: OutputStreams["err"];
  /** Colours for `err`; none if absent. */
  readonly paintError?: Paint | undefined;
  /** Stands before the program's own errors; ZooKeeper's are printed as they are. */
  readonly prefix?: string;
  readonly signal: AbortSignal;
}

/**
 * Runs the command that words name, and prints what goes wrong in one line.
 *
 * @returns the exit code: 0 for success, 1 for a failure or a wrong use, 127 for no such command,
 *   130 for one that was interrupted.
 * @throws what is our own bug
 */
export async function runCommand(
  program: Command,
  words: readonly string[],
  { err, paintError = PLAIN, prefix = "", signal }: RunOptions,
): Promise<number> {
  try {
    await program.parseAsync(words, { from: "user" });
    return 0;
  } catch (error) {
    if (signal.aborted) return INTERRUPTED;
    // Commander has printed its own.
    if (error instanceof CommanderError) {
      return error.code === "commander.unknownCommand" ? NOT_FOUND : error.exitCode;
    }
    const told = errorText(error);
    if (told === undefined) throw error;
    const before = error instanceof CommandError ? prefix : "";
    if (told.text !== "") err(painted(paintError, `${before}${told.text}\n`));
    return told.exitCode;
  }
}

/** The end of the line has no colour, so that nothing of it goes on. */
function painted(paint: Paint, text: string): string {
  return `${paint("error", text.trimEnd())}\n`;
}
