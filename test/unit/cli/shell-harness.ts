import { Command } from "commander";
import { oneShotCommands } from "../../../src/cli/keeper-commands.ts";
import { Interrupts } from "../../../src/cli/interrupts.ts";
import { runCommand, withCommands } from "../../../src/cli/run-command.ts";
import { type Dial, ZooKeeper } from "../../../src/client/index.ts";
import type { OneShotContext } from "../../../src/cli/command-context.ts";
import type { ScreenStreams } from "../../../src/cli/top/screen.ts";
import { Output, type OutputStreams } from "../../../src/cli/output/output.ts";
import { type Connect, ServerConnection } from "../../../src/cli/server/server-connection.ts";
import { type LineInput, textInput } from "../../../src/cli/shell/line-input.ts";
import { Shell } from "../../../src/cli/shell/shell.ts";
import { FakeClock } from "../client/fake-clock.ts";
import { TestService } from "../client/test-service.ts";

/** A shell without a terminal, on a service in memory. */
export class ShellHarness {
  readonly clock = new FakeClock();
  readonly service: TestService = new TestService(this.clock);
  /** To the service, unless a test has others. */
  dial: Dial = this.service.dial;
  out = "";
  err = "";
  /** What clients ask for. */
  sessionTimeoutMs = 6_000;
  /** What a command of its own reads. */
  input: LineInput = textInput("");
  readonly connection: ServerConnection;
  readonly shell: Shell;
  /** What the server answers to every four-letter word. */
  answer = "imok";
  askWord: OneShotContext["askWord"] = async () => this.answer;
  /** What servers of a list answer to four-letter words, by their addresses. */
  askWordAt: OneShotContext["askWordAt"] = (_server, word) => this.askWord(word);
  /** What a service answers. */
  askRoute: OneShotContext["askRoute"] = () => Promise.reject(new Error("no service"));
  screen: ScreenStreams | undefined;
  readonly streams: { -readonly [Name in keyof OutputStreams]: OutputStreams[Name] } = {
    out: (text) => void (this.out += typeof text === "string" ? text : Buffer.from(text)),
    err: (text) => void (this.err += text),
  };

  constructor(server = "one:1") {
    const { streams } = this;
    this.connection = new ServerConnection(server, this.connect, (notice) =>
      this.shell.notice(notice),
    );
    this.shell = new Shell({
      connection: this.connection,
      streams,
      askWord: this.askWord,
      clock: this.clock,
    });
    this.shell.isPrintingWatches = false;
  }

  readonly connect: Connect = (server) => ({
    zk: this.client(server),
    findProblem: async () => (this.service.mood === "refusing" ? "refused" : undefined),
  });

  /** A client of its own. */
  client(server = "one:1"): ZooKeeper {
    const { clock, dial } = this;
    return new ZooKeeper(server, { dial, clock, sessionTimeoutMs: this.sessionTimeoutMs });
  }

  /** Runs lines. @returns what the last one printed, errors behind the rest. */
  async run(...lines: readonly string[]): Promise<string> {
    let printed = "";
    for (const line of lines) {
      this.out = "";
      this.err = "";
      await this.shell.run(line);
      printed = this.out + this.err;
    }
    return printed;
  }

  /** Runs a command of its own. @returns its exit code. */
  async runOnce(words: readonly string[], signal = new AbortController().signal): Promise<number> {
    const { connection, streams, askWord } = this;
    using interrupts = new Interrupts(this.clock);
    signal.addEventListener("abort", () => interrupts.interrupt("SIGINT"));
    const openInput = (): LineInput => this.input;
    const context = {
      connection,
      output: new Output(streams),
      askWord,
      askWordAt: this.askWordAt,
      askRoute: this.askRoute,
      clock: this.clock,
      screen: this.screen,
      openInput,
      signal: interrupts.signal,
      interrupts,
    };
    const root = withCommands(new Command("edgekeeper"), oneShotCommands(context), streams);
    this.out = "";
    this.err = "";
    return await runCommand(root.enablePositionalOptions(), words, {
      err: streams.err,
      prefix: "edgekeeper: ",
      interrupts,
    });
  }
}
