import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { atEnd } from "./clean-up.ts";
import { freePort } from "./free-port.ts";
import { poll } from "./poll.ts";
import { ProcessGroup } from "./process-group.ts";

/** A new, empty folder for the time of a test file. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "edgekeeper-e2e-"));
  atEnd(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * The service as a user starts it, on a port and with a state of its own. It can be stopped or
 * killed and started again with the same state.
 */
export class Service {
  readonly base: string;
  /** Where ZooKeeper's clients connect on 127.0.0.1. */
  readonly nativePort: number;
  readonly #spawn: () => ProcessGroup;
  #group: ProcessGroup;

  /** `npm start`, or `npm start -- …` */
  static async start(options: readonly string[] = []): Promise<Service> {
    const [port, nativePort] = [await freePort(), await freePort()];
    const environment = {
      EDGEKEEPER_PORT: `${port}`,
      EDGEKEEPER_NATIVE_PORT: `${nativePort}`,
      EDGEKEEPER_STATE: newFolder(),
    };
    const args = options.length === 0 ? ["start"] : ["start", "--", ...options];
    const spawn = () => new ProcessGroup("npm", { arguments: args, environment });
    return new Service(port, nativePort, spawn).#ready();
  }

  /** `npx wrangler dev` */
  static async startPlain(options: readonly string[]): Promise<Service> {
    const port = await freePort();
    const args = ["wrangler", "dev", "--port", `${port}`, ...options];
    const spawn = () => new ProcessGroup("npx", { arguments: args });
    return new Service(port, 2181, spawn).#ready();
  }

  private constructor(port: number, nativePort: number, spawn: () => ProcessGroup) {
    this.base = `http://127.0.0.1:${port}`;
    this.nativePort = nativePort;
    this.#spawn = spawn;
    this.#group = spawn();
  }

  /** What it printed so far. */
  get output(): string {
    return this.#group.output;
  }

  /** Starts it again after {@link stop} or {@link kill}. */
  async restart(): Promise<void> {
    this.#group = this.#spawn();
    await this.#ready();
  }

  /** As Ctrl-C in its terminal does. */
  async stop(): Promise<void> {
    this.#group.signal("SIGINT");
    await poll("the service is down", async () => ((await this.#isUp()) ? undefined : true));
    await this.#group.kill();
  }

  /** SIGKILL to npm, wrangler and workerd at once. */
  kill(): Promise<void> {
    return this.#group.kill();
  }

  async #ready(): Promise<this> {
    const up = async () => ((await this.#isUp()) ? true : undefined);
    await poll("the service answers", up, 50_000).catch((error) => this.#group.fail(error));
    return this;
  }

  async #isUp(): Promise<boolean> {
    try {
      const response = await fetch(`${this.base}/healthz`, { signal: AbortSignal.timeout(5_000) });
      return response.ok;
    } catch {
      // Nobody listens, or the listener is not ready to answer.
      return false;
    }
  }
}
