import type { FourLetterWord } from "../../../../src/protocol/four-letter-word.ts";
import {
  type PumpClient,
  type PumpPorts,
  type PumpShard,
  runPump,
  type ShardListener,
} from "../../../../src/protocol/pump-runner.ts";

/** A client at the other end of a connection that exists only in memory. */
class FakeClient implements PumpClient {
  readonly written: Uint8Array[] = [];
  /** Reads that were asked for. */
  reads = 0;
  /** In the order in which they happened. */
  readonly ends: ("end" | "abort")[] = [];
  /** While it is set, nothing that is written comes out. */
  isStuck = false;
  /** What an `end` waits for. */
  ending: Promise<void> = Promise.resolve();
  readonly #pieces: (Uint8Array | Error | undefined)[] = [];
  #reader: PromiseWithResolvers<Uint8Array | undefined> | undefined;
  #stuck: PromiseWithResolvers<void> | undefined;

  read(): Promise<Uint8Array | undefined> {
    this.reads += 1;
    this.#reader = Promise.withResolvers();
    const { promise } = this.#reader;
    if (this.#pieces.length > 0) this.#hand();
    return promise;
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.isStuck) {
      this.#stuck = Promise.withResolvers();
      await this.#stuck.promise;
    }
    this.written.push(bytes);
  }

  async end(): Promise<void> {
    await this.ending;
    this.ends.push("end");
  }

  abort(): void {
    this.ends.push("abort");
    this.#stuck?.reject(new Error("aborted"));
  }

  /** The client sends a piece, ends its stream, or breaks. */
  send(piece: Uint8Array | Error | undefined): void {
    this.#pieces.push(piece);
    if (this.#reader !== undefined) this.#hand();
  }

  /** Lets out what was stuck. */
  take(): void {
    this.isStuck = false;
    this.#stuck?.resolve();
  }

  #hand(): void {
    const [piece] = this.#pieces.splice(0, 1);
    if (piece instanceof Error) this.#reader?.reject(piece);
    else this.#reader?.resolve(piece);
    this.#reader = undefined;
  }
}

/** Runs a pump between a client and a shard that exist only in memory, on a clock that stands. */
export class RunnerHarness {
  readonly client = new FakeClient();
  nowMs = 1_000_000;
  /** Messages to the shard; bytes as copies. */
  readonly toShard: (Buffer | string)[] = [];
  shardClosedBecause: string | undefined;
  listener: ShardListener | undefined;
  /** Ways to the shard that were asked for. */
  opened = 0;
  /** What the way to the shard waits for. */
  opening: Promise<void> = Promise.resolve();
  words: FourLetterWord[] = [];
  answering: Promise<Uint8Array> = Promise.resolve(Buffer.from("imok"));
  reason: string | undefined;
  error: unknown;
  readonly ended: Promise<void>;
  readonly #timers = new Set<{ readonly run: () => void; readonly atMs: number }>();

  constructor() {
    this.ended = runPump(this.client, this.#ports()).then(
      (reason) => {
        this.reason = reason;
      },
      (error: unknown) => {
        this.error = error;
      },
    );
  }

  /** Timers that are running. */
  get timers(): number {
    return this.#timers.size;
  }

  get clientBytes(): Buffer {
    return Buffer.concat(this.client.written);
  }

  /** Lets everything happen that waits for nothing. */
  async settle(): Promise<void> {
    for (let n = 0; n < 20; n += 1) await Promise.resolve();
  }

  async send(piece: Uint8Array | Error | undefined): Promise<this> {
    this.client.send(piece);
    await this.settle();
    return this;
  }

  async shard(message: Uint8Array | string): Promise<this> {
    this.listener?.onMessage(message);
    await this.settle();
    return this;
  }

  /** Moves the clock. */
  async pass(ms: number): Promise<this> {
    this.nowMs += ms;
    for (const timer of this.#timers) {
      if (timer.atMs > this.nowMs) continue;
      this.#timers.delete(timer);
      timer.run();
    }
    await this.settle();
    return this;
  }

  #ports(): PumpPorts {
    return {
      nowMs: () => this.nowMs,
      setTimer: (run, delayMs) => {
        const timer = { run, atMs: this.nowMs + delayMs };
        this.#timers.add(timer);
        return () => void this.#timers.delete(timer);
      },
      openShard: (listener) => this.#open(listener),
      answerCommand: (word) => {
        this.words.push(word);
        return this.answering;
      },
    };
  }

  async #open(listener: ShardListener): Promise<PumpShard> {
    this.opened += 1;
    this.listener = listener;
    await this.opening;
    return {
      send: (message) => {
        this.toShard.push(typeof message === "string" ? message : Buffer.from(message));
      },
      close: (reason) => (this.shardClosedBecause = reason),
    };
  }
}
