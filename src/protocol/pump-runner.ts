import type { FourLetterWord } from "./four-letter-word.ts";
import { Pump, type PumpAction } from "./pump.ts";

/** The client's side: a TCP connection. */
export interface PumpClient {
  /** The next bytes, a new array each time; undefined at their end. Rejects if the client is gone. */
  read(): Promise<Uint8Array | undefined>;
  /** Writes bytes, behind those before; resolves when they are out. */
  write(bytes: Uint8Array): Promise<void>;
  /** Closes, behind all that was written. */
  end(): Promise<void>;
  /** Closes at once. */
  abort(): void;
}

/** The shard's side: an open WebSocket. Both do nothing once it is closed. */
export interface PumpShard {
  /** Sends a message; keeps no hold of its bytes, or copies them. */
  send(message: Uint8Array | string): void;
  close(reason: string): void;
}

/** Where a {@link PumpShard} reports to. */
export interface ShardListener {
  onMessage(message: Uint8Array | string): void;
  onClosed(): void;
}

/** What the platform gives. */
export interface PumpPorts {
  /** Ms since 1970. */
  readonly nowMs: () => number;
  /** Runs something later; returns what cancels it. */
  readonly setTimer: (run: () => void, delayMs: number) => () => void;
  /** Opens the WebSocket to the shard. Rejects if there is no way to it. */
  readonly openShard: (listener: ShardListener) => Promise<PumpShard>;
  readonly answerCommand: (word: FourLetterWord) => Promise<Uint8Array>;
}

/** How long a client may take to read what was written ahead of the end. */
export const LINGER_MS = 5_000;

/**
 * Serves one client to its end: reads it, runs its {@link Pump} and does what that says.
 *
 * Whatever the platform, there is one reader, one writer and one timer. Buffers are bounded: to the
 * client by SEND_BUFFER_BYTES_MAX, and to the shard by what may be unanswered, because nothing that
 * was not sent yet can have an answer.
 *
 * @returns why the connection ended.
 */
export function runPump(client: PumpClient, ports: PumpPorts): Promise<string> {
  return new PumpRunner(client, ports).run();
}

class PumpRunner {
  readonly #client: PumpClient;
  readonly #ports: PumpPorts;
  readonly #pump: Pump;
  readonly #ended = Promise.withResolvers<string>();
  #isEnded = false;
  #shard: PumpShard | undefined;
  /** Messages for a shard to which the way is not open yet; undefined before the first one. */
  #unsent: (Uint8Array | string)[] | undefined;
  /** Bytes for the client that are not being written yet. */
  #unwritten: Uint8Array[] = [];
  #writing: Promise<void> | undefined;
  #resume: (() => void) | undefined;
  #cancelTimer: (() => void) | undefined;

  constructor(client: PumpClient, ports: PumpPorts) {
    this.#client = client;
    this.#ports = ports;
    this.#pump = new Pump(ports.nowMs());
  }

  async run(): Promise<string> {
    this.#setTimer();
    void this.#read();
    try {
      return await this.#ended.promise;
    } finally {
      this.#cancelTimer?.();
      await this.#endClient();
    }
  }

  async #read(): Promise<void> {
    try {
      while (!this.#isEnded) {
        if (this.#pump.wantsPause) {
          await new Promise<void>((resolve) => (this.#resume = resolve));
          continue;
        }
        const bytes = await this.#client.read();
        if (bytes === undefined) break;
        this.#do(() => this.#pump.fromClient(bytes, this.#ports.nowMs()));
      }
    } catch {
      // The client is gone without a word: as good as closed.
    }
    this.#do(() => this.#pump.clientClosed());
  }

  /** Runs a step of the pump. One that throws is a broken invariant: it ends this connection. */
  #do(step: () => readonly PumpAction[]): void {
    if (this.#isEnded) return;
    try {
      for (const action of step()) this.#act(action);
    } catch (error) {
      this.#ended.reject(error);
      this.#finish("the pump failed");
    }
    if (!this.#isEnded && this.#pump.wantsPause) return;
    this.#resume?.();
    this.#resume = undefined;
  }

  #act(action: PumpAction): void {
    switch (action.type) {
      case "toShard":
        this.#send(action.message);
        return;
      case "toClient":
        this.#unwritten.push(action.bytes);
        this.#writing ??= this.#write();
        return;
      case "command":
        void this.#answer(action.word);
        return;
      default:
        this.#finish(action.reason);
    }
  }

  #send(message: Uint8Array | string): void {
    if (this.#shard !== undefined) {
      this.#shard.send(message);
      return;
    }
    const isFirst = this.#unsent === undefined;
    this.#unsent ??= [];
    this.#unsent.push(typeof message === "string" ? message : message.slice());
    if (isFirst) void this.#open();
  }

  async #open(): Promise<void> {
    try {
      const shard = await this.#ports.openShard({
        onMessage: (message) => {
          this.#do(() => this.#pump.fromShard(message, this.#ports.nowMs()));
        },
        onClosed: () => this.#do(() => this.#pump.shardClosed()),
      });
      // The client may have gone meanwhile.
      if (this.#isEnded) {
        shard.close("the client closed the connection");
        return;
      }
      this.#shard = shard;
      for (const message of this.#unsent ?? []) shard.send(message);
      this.#unsent = [];
    } catch {
      // No way to the shard: the client tries again, or its next server.
      this.#do(() => this.#pump.shardClosed());
    }
  }

  async #write(): Promise<void> {
    try {
      while (this.#unwritten.length > 0) {
        const bytes = join(this.#unwritten);
        this.#unwritten = [];
        await this.#client.write(bytes);
        this.#do(() => this.#pump.written(bytes.length));
      }
    } catch {
      this.#unwritten = [];
      this.#do(() => this.#pump.clientClosed());
    }
    this.#writing = undefined;
  }

  async #answer(word: FourLetterWord): Promise<void> {
    try {
      this.#unwritten.push(await this.#ports.answerCommand(word));
      this.#writing ??= this.#write();
    } catch {
      // Closed without an answer, as by a server that is going down.
    }
    this.#finish(`the four-letter word ${word} was answered`);
  }

  #finish(reason: string): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#shard?.close(reason);
    this.#ended.resolve(reason);
  }

  async #endClient(): Promise<void> {
    const cancel = this.#ports.setTimer(() => this.#client.abort(), LINGER_MS);
    try {
      await this.#writing;
      await this.#client.end();
    } catch {
      // Gone already.
    } finally {
      cancel();
    }
  }

  #setTimer(): void {
    const { deadlineMs } = this.#pump;
    if (deadlineMs === undefined || this.#isEnded) return;
    this.#cancelTimer = this.#ports.setTimer(
      () => {
        this.#do(() => this.#pump.tick(this.#ports.nowMs()));
        this.#setTimer();
      },
      Math.max(1, deadlineMs - this.#ports.nowMs()),
    );
  }
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  const [first] = parts;
  if (first !== undefined && parts.length === 1) return first;
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
