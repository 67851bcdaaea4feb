import { Command, Option } from "commander";
import { SYSTEM_CLOCK } from "../client/clock.ts";
import { VERSION } from "../protocol/version.ts";
import type { FourLetterWord } from "../protocol/four-letter-word.ts";
import { askWord } from "./server/ask-word.ts";
import { bridgeCommand } from "./bridge/bridge-command.ts";
import { completeCommand } from "./completion/complete-command.ts";
import { completionCommand } from "./completion/completion-command.ts";
import { type ConnectionOptions, dialServer } from "./server/dial-server.ts";
import type { Interrupts } from "./interrupts.ts";
import { oneShotCommands } from "./keeper-commands.ts";
import { integer } from "./option-values.ts";
import { paintFor } from "./output/colours.ts";
import { FORMATS, type Format, Output, type OutputStreams } from "./output/output.ts";
import { terminalText } from "./output/terminal-text.ts";
import { withCommands } from "./run-command.ts";
import { serveCommand } from "./serve/serve-command.ts";
import { type Connect, ServerConnection } from "./server/server-connection.ts";
import { readService, type Service } from "./server/service.ts";
import { getFromService } from "./server/service-get.ts";
import { openInput } from "./shell/open-input.ts";
import { shellCommand } from "./shell/shell-command.ts";

/** Where `npm start` serves. */
const LOCAL = "http://127.0.0.1:8787";
const SESSION_TIMEOUT_MS = 30_000;

const HELP = `
Without a command it is a shell.

Variables:
  EDGEKEEPER_SERVER   the server, where --server names none
  EDGEKEEPER_TOKEN    the token, where --token-file names none
  EDGEKEEPER_HISTORY  the file of the shell's history, or "off"

Exit codes:
  0    done
  1    failed, refused, or used the wrong way; nothing found by grep, a difference found by diff
  2    diff could not compare
  127  no such command, or the program that was to be run cannot be started
  130  ended by Ctrl-C
  143  ended by SIGTERM
  lock and elect end with the exit code of their program.

Examples:
  edgekeeper create -e /master "host:2223"
  edgekeeper --server zoo1:2181,zoo2:2181/app ls -R /
  edgekeeper --server https://keeper.example.com -o json get -s /config
  edgekeeper --server tls://zoo1:2281 --ca authority.pem stat /master`;

interface RootOptions extends Omit<ConnectionOptions, "environmentToken"> {
  readonly server: string;
  readonly output: Format;
  readonly color?: boolean;
}

const TERMINAL = { input: process.stdin, output: process.stdout };

/** Where the program prints. */
interface ProgramStreams {
  readonly output: PrintStream;
  readonly errors: PrintStream;
}

type PrintStream = NodeJS.WritableStream & { readonly isTTY?: boolean };

/**
 * Prints to streams; to a terminal without what others wrote to steer it.
 *
 * @param color - what the user said.
 */
export function streamsFor({ output, errors }: ProgramStreams, color?: boolean): OutputStreams {
  const print = (stream: PrintStream, text: string): void =>
    void stream.write(stream.isTTY === true ? terminalText(text) : text);
  return {
    // Bytes are what somebody asked for as they are.
    out: (text) => (typeof text === "string" ? print(output, text) : void output.write(text)),
    err: (text) => print(errors, text),
    ...(errors.isTTY === true ? { status: showStatus, terminal: errors } : {}),
    paint: paintFor(output, color),
    paintError: paintFor(errors, color),
  };
}

/** Overwrites the line that was shown last. */
function showStatus(line: string): void {
  process.stderr.write(`\r${line.slice(0, process.stderr.columns - 1)}\u001B[K`);
}

/** A program, and what it has to be given. */
export interface Program {
  readonly root: Command;
  /** The arguments, or a shell where there are none. */
  readonly words: readonly string[];
  readonly streams: OutputStreams;
  /** Ends the session, if the command has made one. */
  readonly close: () => Promise<void>;
}

/** Makes the program for some arguments. */
export function programOf(args: readonly string[], interrupts: Interrupts): Program {
  const { signal } = interrupts;
  const root = rootCommand();
  const connect: Connect = (...where) => dialServer(connectionOptions(root))(...where);
  const connection = new ServerConnection(serverOf(root, args), connect, () => undefined);
  const { color } = root.opts<RootOptions>();
  const streams = streamsFor({ output: process.stdout, errors: process.stderr }, color);
  const output = new Output(streams);
  const ask = (word: FourLetterWord) => askWord(connection.server, word, connectionOptions(root));
  signal.addEventListener("abort", () => connection.interrupt());
  const shell = shellCommand(() => ({
    server: connection.server,
    connect,
    format: root.opts<RootOptions>().output,
    streams,
    askWord: (server, word) => askWord(server, word, connectionOptions(root)),
    interrupts,
    terminal: TERMINAL,
  }));
  const commands = oneShotCommands({
    connection,
    output,
    askWord: ask,
    askWordAt: (server, word) => askWord(server, word, connectionOptions(root)),
    askRoute: (route) => getFromService(serviceOf(connection.server, root), route),
    clock: SYSTEM_CLOCK,
    screen: process.stdin.isTTY && process.stdout.isTTY ? TERMINAL : undefined,
    openInput: (words) => openInput(TERMINAL, connection, words),
    signal,
    interrupts,
  });
  const ours = [shell, bridgeCommand(), serveCommand(), completionCommand({ output })];
  for (const command of ours) command.helpGroup("Shells and servers:");
  withCommands(root, [...ours, ...commands], streams);
  root.addCommand(completeCommand(root, { connection, output }), { hidden: true });
  const { operands, unknown } = root.parseOptions([...args]);
  const isBare = operands.length === 0 && unknown.length === 0;
  const words = isBare ? [...args, "shell"] : args;
  return { root, words, streams, close: () => connection.close() };
}

function rootCommand(): Command {
  const { EDGEKEEPER_SERVER: server = LOCAL } = process.env;
  return new Command("edgekeeper")
    .description("ZooKeeper as a serverless edge service: a shell for it, and for any ZooKeeper")
    .version(VERSION, "--version")
    .option("--server <server>", "URL of a service, or [tls://]host:port,…/chroot", server)
    .addOption(
      new Option("-o, --output <format>", "how to print results").choices(FORMATS).default("text"),
    )
    .enablePositionalOptions()
    .option("--timeout <ms>", "of the session, milliseconds", integer, SESSION_TIMEOUT_MS)
    .option("--namespace <name>", "the namespace of a service")
    .option("--chroot <path>", "a subtree that is taken for the whole tree")
    .option("--token-file <file>", "a file that holds the token")
    .option("--auth-file <file>", "identities to prove, one a line: digest user:password")
    .option("--ca <file>", "certificates (PEM) of the only authorities to trust")
    .option("--cert <file>", "our own certificate (PEM), for servers that ask for one")
    .option("--key <file>", "its key (PEM)")
    .option("--read-only", "a server without a quorum will do")
    .option("--color", "colours, also where there is no terminal")
    .option("--no-color", "no colours; nor with NO_COLOR in the environment")
    .addHelpText("after", HELP);
}

function serverOf(root: Command, args: readonly string[]): string {
  root.parseOptions([...args]);
  return root.opts<RootOptions>().server;
}

function serviceOf(url: string, root: Command): Service {
  return readService({ ...connectionOptions(root), url, option: "--server" });
}

function connectionOptions(root: Command): ConnectionOptions {
  const { EDGEKEEPER_TOKEN: environmentToken } = process.env;
  return { ...root.opts<RootOptions>(), environmentToken };
}
