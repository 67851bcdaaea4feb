import { execFileSync } from "node:child_process";
import { freePort } from "./free-port.ts";
import { poll } from "./poll.ts";
import { ProcessGroup } from "./process-group.ts";

const READY_MS = 20_000;

/** Runs `edgekeeper serve` with options, whatever comes of it. */
export function serve(...options: readonly string[]): ProcessGroup {
  return new ProcessGroup(process.execPath, {
    arguments: ["--no-warnings", "src/cli/main.ts", "serve", ...options],
  });
}

/** A self-hosted server, which can be ended in many ways and started again with the same state. */
export class SelfHosted {
  readonly base: string;
  readonly tcpPort: number;
  readonly #options: readonly string[];
  #group: ProcessGroup;

  /** Starts one on ports of 127.0.0.1 that are free. */
  static async start(data: string, ...options: readonly string[]): Promise<SelfHosted> {
    const [port, tcpPort] = [await freePort(), await freePort()];
    const server = new SelfHosted({ data, port, tcpPort, options });
    await server.#ready();
    return server;
  }

  private constructor({ data, port, tcpPort, options }: Placed) {
    const scheme = options.includes("--cert") ? "https" : "http";
    this.base = `${scheme}://127.0.0.1:${port}`;
    this.tcpPort = tcpPort;
    const tcp = options.includes("--tokens") ? [] : ["--tcp", `127.0.0.1:${tcpPort}`];
    this.#options = ["--data", data, "--http", `127.0.0.1:${port}`, ...tcp, ...options];
    this.#group = serve(...this.#options);
  }

  /** The command's own process. */
  get group(): ProcessGroup {
    return this.#group;
  }

  /** The process of workerd below it. */
  get workerd(): number {
    const line = processes().find(({ parent, command }) => {
      return parent === this.#group.pid && /\/workerd serve /.test(command);
    });
    if (line === undefined) throw new Error("workerd does not run");
    return line.pid;
  }

  /** Starts it again after it has ended. */
  async restart(): Promise<void> {
    this.#group = serve(...this.#options);
    await this.#ready();
  }

  async #ready(): Promise<void> {
    const line = `^edgekeeper: ${this.base} serves `;
    const ready = () => (new RegExp(line, "m").test(this.#group.output) ? true : undefined);
    await poll("the server serves", ready, READY_MS).catch((error) => this.#group.fail(error));
  }
}

interface Placed {
  readonly data: string;
  readonly port: number;
  readonly tcpPort: number;
  readonly options: readonly string[];
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

function processes(): Process[] {
  const lines = execFileSync("ps", ["-A", "-o", "pid=,ppid=,args="], { encoding: "utf8" });
  return lines.split("\n").map((line) => {
    const [pid, parent, ...words] = line.trim().split(/\s+/);
    return { pid: Number(pid), parent: Number(parent), command: words.join(" ") };
  });
}

/** Whether a process is there; one that has ended and was not waited for is not. */
export function isRunning(pid: number): boolean {
  return processes().some((one) => one.pid === pid && !one.command.includes("<defunct>"));
}

/** The command lines of a process and of all below it. */
export function commandLines(pid: number): string {
  const all = processes();
  const own = all.filter((one) => one.pid === pid).map(({ command }) => command);
  const below = all.filter(({ parent }) => parent === pid).map((one) => commandLines(one.pid));
  return [...own, ...below].join("\n");
}
