import type { Argument, Command, Option } from "commander";

/** A word that may come next. */
export interface Candidate {
  readonly value: string;
  readonly description: string;
}

/** What may come next: some words, or a name that somebody else knows. */
export type Expected =
  | { readonly kind: "words"; readonly candidates: readonly Candidate[] }
  /** `path` is a znode; `program` one that the machine can start. */
  | { readonly kind: "path" | "file" | "program" };

/** Says what may come behind some whole words, in the place of a piece. */
export type Grammar = (words: readonly string[], piece: string) => Expected;

/** Names of arguments and values that tell what they are. */
const KINDS: Readonly<Record<string, "path" | "file" | "program">> = {
  path: "path",
  from: "path",
  to: "path",
  file: "file",
  program: "program",
};

const NOTHING: Expected = { kind: "words", candidates: [] };

/** The grammar of a program: what its help says, since it is read from the same place. */
export function grammarOf(program: Command): Grammar {
  return (words, piece) => {
    const at = readWords(program, words);
    if (at === undefined) return NOTHING;
    if (at.option !== undefined) return valueOf(at.option, "");
    if (!at.isBehindDashes && piece.startsWith("-")) return optionOrValue(at.command, piece);
    if (at.command.commands.length > 0) return among(commandsOf(at.command));
    const isHelp = at.command.name() === "help";
    return isHelp ? among(commandsOf(program)) : argumentAt(at, piece);
  };
}

/** The grammar of lines that begin with one of some words, and go on with a path. */
export function firstWordsGrammar(firstWords: readonly string[]): Grammar {
  const candidates = firstWords.map((value) => ({ value, description: "" }));
  return (words) => (words.length === 0 ? { kind: "words", candidates } : { kind: "path" });
}

/** A place in a command. */
interface Place {
  readonly command: Command;
  /** Arguments that stand before. */
  readonly argumentsCount: number;
  /** It has to get its value here. */
  readonly option: Option | undefined;
  readonly isBehindDashes: boolean;
}

/** @returns undefined behind what is no command. */
function readWords(program: Command, words: readonly string[]): Place | undefined {
  let command = program;
  let argumentsCount = 0;
  let isBehindDashes = false;
  let option: Option | undefined;
  for (const word of words) {
    if (option !== undefined) option = undefined;
    else if (isBehindDashes || !word.startsWith("-")) {
      const isCommand = command.commands.length > 0;
      const found = isCommand ? findCommand(command, word) : command;
      if (found === undefined) return undefined;
      command = found;
      argumentsCount += isCommand ? 0 : 1;
    } else if (word === "--") isBehindDashes = true;
    else option = openOption(command, word);
  }
  return { command, argumentsCount, option, isBehindDashes };
}

function findCommand(program: Command, word: string): Command | undefined {
  const commands = program.createHelp().visibleCommands(program);
  return commands.find((command) => [command.name(), ...command.aliases()].includes(word));
}

/** The option that takes the next word as its value. */
function openOption(command: Command, word: string): Option | undefined {
  const found = command.options.find(({ long, short }) => word === long || word === short);
  return found?.required === true ? found : undefined;
}

function commandsOf(program: Command): Candidate[] {
  return program
    .createHelp()
    .visibleCommands(program)
    .map((command) => ({ value: command.name(), description: command.description() }))
    .toSorted((a, b) => (a.value < b.value ? -1 : 1));
}

function optionOrValue(command: Command, piece: string): Expected {
  const equals = piece.indexOf("=");
  if (equals > 0) {
    const option = command.options.find(({ long }) => long === piece.slice(0, equals));
    const value = option === undefined ? NOTHING : valueOf(option, piece.slice(0, equals + 1));
    // Nobody else knows how to complete what is glued to an option.
    return value.kind === "words" ? value : NOTHING;
  }
  const options = command.createHelp().visibleOptions(command);
  return among(
    options.flatMap(({ short, long, description }) =>
      [short, long].filter((value) => value !== undefined).map((value) => ({ value, description })),
    ),
  );
}

function valueOf({ argChoices, flags }: Option, before: string): Expected {
  if (argChoices !== undefined) {
    return among(argChoices.map((choice) => ({ value: before + choice, description: "" })));
  }
  return expectedByName(/[<[]([^>\].]+)/.exec(flags)?.[1] ?? "");
}

function argumentAt({ command, argumentsCount }: Place, piece: string): Expected {
  const all: readonly Argument[] = command.registeredArguments;
  const last = all.at(-1);
  const argument = all[argumentsCount] ?? (last?.variadic === true ? last : undefined);
  if (argument === undefined) return NOTHING;
  if (argument.argChoices !== undefined) {
    return among(argument.argChoices.map((value) => ({ value, description: "" })));
  }
  // A tree may be in a file, too; what begins with a slash is a znode there, as everywhere.
  const isInFile = /^[^/]/.test(piece) && all.some((one) => /\bfile\b/.test(one.description));
  if (isInFile) return { kind: "file" };
  const isItsArgument = argument.name() === "program" && argumentsCount >= all.length;
  return isItsArgument ? { kind: "file" } : expectedByName(argument.name());
}

function expectedByName(name: string): Expected {
  const kind = KINDS[name];
  return kind === undefined ? NOTHING : { kind };
}

function among(candidates: readonly Candidate[]): Expected {
  return { kind: "words", candidates };
}
