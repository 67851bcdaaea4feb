import { SYSTEM_CLOCK } from "../../client/clock.ts";
import { isServed } from "../../client/connection-state.ts";
import type { Watcher, ZooKeeper } from "../../client/index.ts";
import { CommandError } from "../command-error.ts";
import type { PathSource } from "../completion/complete-word.ts";

/** A client that was just made, and who knows why it does not get through. */
export interface Dialled {
  readonly zk: ZooKeeper;
  /** Says in one line why nobody answers; undefined if that is not known. */
  readonly findProblem: () => Promise<string | undefined>;
}

/** What is said of one more server, in the place of what was said of the command's own. */
export interface Elsewhere {
  readonly namespace: string | undefined;
  /** The token it is shown: that of the command, none, or the one in a file. */
  readonly token: "same" | "none" | { readonly file: string };
}

/** Where commands that write get their clients from. */
export interface ClientSource {
  /** As the user names it. */
  readonly server: string;
  readonly client: () => Promise<ZooKeeper>;
  /** A connection to another server, with a session of its own. */
  readonly elsewhere: (
    server: string,
    where: Elsewhere,
  ) => Pick<ServerConnection, "client" | "close" | "interrupt">;
}

/** Makes a client of `http(s)://…` or `host:port`. @throws RangeError, CommandError */
export type Connect = (server: string, elsewhere?: Elsewhere) => Dialled;

/** What a client has to tell by itself. */
export type Notice =
  | { readonly type: "None"; readonly state: string }
  | { readonly type: string; readonly path: string };

/** How long a server may take before somebody looks what is wrong, and at most, milliseconds. */
const LOOK_MS = 500;
const WAIT_MS = 10_000;

/** States in the words of ZooKeeper `Watcher.Event.KeeperState`. */
const KEEPER_STATES = {
  connected: "SyncConnected",
  readOnly: "ConnectedReadOnly",
  suspended: "Disconnected",
  lost: "Expired",
  closed: "Closed",
} as const;

/**
 * The connection that the commands of one run share: made when it is needed first, closed and made
 * anew by `close` and `connect`.
 */
export class ServerConnection {
  #server: string;
  readonly #connect: Connect;
  /** Tells whoever looks at the connection. */
  readonly notice: (notice: Notice) => void;
  #zk: ZooKeeper | undefined;
  #isClosed = false;
  #interruption: PromiseWithResolvers<never> | undefined;

  constructor(server: string, connect: Connect, notice: (notice: Notice) => void) {
    this.#server = server;
    this.#connect = connect;
    this.notice = notice;
  }

  /** One more connection to the same server, with a session of its own. */
  another(): ServerConnection {
    return new ServerConnection(this.#server, this.#connect, () => undefined);
  }

  /** A connection to another server, with a session of its own. */
  elsewhere(server: string, where: Elsewhere): ServerConnection {
    const connect: Connect = (named) => this.#connect(named, where);
    return new ServerConnection(server, connect, () => undefined);
  }

  get server(): string {
    return this.#server;
  }

  /** In the words of ZooKeeper's prompt. Source: ZooKeeper `ZooKeeper.States`. */
  get stateName(): string {
    if (this.#zk === undefined) return this.#isClosed ? "CLOSED" : "NOT_CONNECTED";
    if (this.#zk.state === "connected") return "CONNECTED";
    if (this.#zk.state === "readOnly") return "CONNECTEDREADONLY";
    return this.#zk.state === "closed" ? "CLOSED" : "CONNECTING";
  }

  /** Whoever watches through one and the same function hears of a change once. */
  readonly watcher: Watcher = (event) => this.notice(event);

  /** The client, connected. @throws CommandError if nobody answers, or after {@link close}. */
  async client(): Promise<ZooKeeper> {
    if (this.#isClosed || this.#zk?.state === "closed") throw new CommandError("Not connected");
    return this.#zk ?? (await this.open());
  }

  /** Paths for Tab: of a connection that is there, since nobody who types one wants to wait. */
  get pathSource(): PathSource {
    const zk = this.#zk;
    const client = (): Promise<ZooKeeper | undefined> =>
      Promise.resolve(zk !== undefined && isServed(zk.state) ? zk : undefined);
    return { client, clock: this.#zk?.clock ?? SYSTEM_CLOCK };
  }

  /** Connects, anew if need be. */
  async open(server = this.#server): Promise<ZooKeeper> {
    const interruption = Promise.withResolvers<never>();
    interruption.promise.catch(() => undefined);
    this.#interruption = interruption;
    try {
      return await this.#open(server, interruption.promise);
    } catch (error) {
      await this.close();
      throw error;
    } finally {
      this.#interruption = undefined;
    }
  }

  async #open(server: string, interrupted: Promise<never>): Promise<ZooKeeper> {
    await Promise.race([this.close(), interrupted]);
    const { zk, findProblem } = this.#connect(server);
    this.#server = server;
    this.#zk = zk;
    this.#isClosed = false;
    zk.onState((state) => {
      if (state !== "connecting") this.notice({ type: "None", state: KEEPER_STATES[state] });
    });
    const stopped = new AbortController();
    const givingUp = this.#givingUp(zk, findProblem, stopped.signal);
    try {
      await Promise.race([connected(zk), givingUp, interrupted]);
    } finally {
      stopped.abort();
    }
    return zk;
  }

  /** Gives up connecting; a session that is there goes on. */
  interrupt(): void {
    this.#interruption?.reject(new CommandError("interrupted"));
  }

  /** Ends the session, if there is one. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#zk?.close();
    this.#zk = undefined;
  }

  async #givingUp(
    { clock }: ZooKeeper,
    findProblem: Dialled["findProblem"],
    signal: AbortSignal,
  ): Promise<never> {
    const after = (ms: number): Promise<void> =>
      new Promise((resolve) => {
        signal.addEventListener("abort", clock.after(ms, resolve));
      });
    await after(LOOK_MS);
    const problem = await findProblem();
    if (problem !== undefined) throw new CommandError(problem);
    await after(WAIT_MS);
    throw new CommandError(`expected ${this.#server} to let us in within ${WAIT_MS / 1_000} s`);
  }
}

function connected(zk: ZooKeeper): Promise<void> {
  if (isServed(zk.state)) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const stop = zk.onState((state) => {
      if (state === "closed") reject(new CommandError("Not connected"));
      else if (!isServed(state)) return;
      stop();
      resolve();
    });
  });
}
