import { writeFileSync } from "node:fs";
import { CommandError } from "../command-error.ts";
import { formatListenAddress, type ListenAddress } from "../listen-address.ts";
import { DataDirectory } from "./data-directory.ts";
import { checkHealth } from "./self-check.ts";
import type { ServerSettings } from "./server-settings.ts";
import { findWorkerBundle } from "./worker-bundle.ts";
import { formatWorkerdConfig } from "./workerd-config.ts";
import { type ProcessEnd, WorkerdProcess } from "./workerd-process.ts";

/** What workerd says of an address that it can't have. */
const NOT_FREE = /^Socket "(http|tcp)": (?:bind|listen)\(\): (.*?)(?: \(os error \d+\))?$/;

/** How long workerd may take to listen, milliseconds. */
const START_MS = 30_000;

/** A Worker on a workerd, with its state in a directory that is this server's alone. */
export class SelfHostedServer {
  readonly http: ListenAddress;
  readonly tcp: ListenAddress | undefined;
  /** Resolves when it has ended, whoever wanted that, with how it did. */
  readonly ended: Promise<CommandError>;
  readonly #workerd: WorkerdProcess;

  /**
   * Starts a server; when this resolves it serves.
   *
   * @param log - takes what workerd says, line by line.
   * @throws CommandError (as a rejection) that says what was expected; nothing is left running.
   */
  static async start(
    settings: ServerSettings,
    log: (line: string) => void,
  ): Promise<SelfHostedServer> {
    const worker = await findWorkerBundle();
    const directory = await DataDirectory.open(settings.data);
    try {
      const workerd = await startWorkerd(settings, { worker, directory, log });
      return await SelfHostedServer.#serving(settings, workerd, directory);
    } catch (error) {
      directory[Symbol.dispose]();
      throw error;
    }
  }

  static async #serving(
    settings: ServerSettings,
    workerd: WorkerdProcess,
    directory: DataDirectory,
  ): Promise<SelfHostedServer> {
    const timer = setTimeout(() => workerd.kill(), START_MS);
    try {
      const { http, tcp, tls } = settings;
      const ports = await workerd.ports(tcp === undefined ? ["http"] : ["http", "tcp"]);
      if (ports === undefined) throw notStarted(settings, workerd, await workerd.exited);
      const given = (name: string, { host }: ListenAddress): ListenAddress => ({
        host,
        port: ports.get(name) ?? 0,
      });
      await checkHealth(given("http", http), tls?.cert);
      const listening = { http: given("http", http), tcp: tcp && given("tcp", tcp) };
      return new SelfHostedServer(workerd, directory, listening);
    } catch (error) {
      workerd.kill();
      await workerd.exited;
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  private constructor(
    workerd: WorkerdProcess,
    directory: DataDirectory,
    { http, tcp }: { http: ListenAddress; tcp: ListenAddress | undefined },
  ) {
    this.#workerd = workerd;
    this.http = http;
    this.tcp = tcp;
    this.ended = workerd.exited.then((end) => {
      directory[Symbol.dispose]();
      return new CommandError(`expected workerd to go on, saw ${describeEnd(workerd, end)}`);
    });
  }

  /** Of workerd, whose CPU and memory are those of the server. */
  get pid(): number {
    return this.#workerd.pid;
  }

  /** Takes no more connections, goes on with what it has for a moment, and ends. */
  async stop(): Promise<void> {
    await this.#workerd.stop();
    await this.ended;
  }
}

interface Parts {
  readonly worker: string;
  readonly directory: DataDirectory;
  readonly log: (line: string) => void;
}

function startWorkerd(
  { secrets, ...settings }: ServerSettings,
  { worker, directory, log }: Parts,
): Promise<WorkerdProcess> {
  const { objects, workerdConfig: config } = directory;
  const names = Object.keys(secrets);
  const text = formatWorkerdConfig({ ...settings, worker, objects, secrets: names });
  writeFileSync(config, text, { mode: 0o600 });
  return WorkerdProcess.start({ config, environment: secrets, log });
}

function notStarted(
  settings: ServerSettings,
  workerd: WorkerdProcess,
  end: ProcessEnd,
): CommandError {
  for (const line of workerd.lastWords) {
    const [, name, why] = NOT_FREE.exec(line) ?? [];
    const address = name === "tcp" ? settings.tcp : settings.http;
    if (name === undefined || address === undefined) continue;
    const listen = formatListenAddress(address);
    return new CommandError(`expected --${name} ${listen} to be free to listen on, saw: ${why}`);
  }
  return new CommandError(`expected workerd to start, saw ${describeEnd(workerd, end)}`);
}

function describeEnd({ lastWords }: WorkerdProcess, { code, signal }: ProcessEnd): string {
  const how = signal === null ? `its end with code ${code}` : `its end by ${signal}`;
  return lastWords.length === 0 ? how : `${how}; it said at last:\n${lastWords.join("\n")}`;
}
