import { type ConnectionState, type Dial, ZooKeeper } from "../../../src/client/index.ts";
import type { TransportListener } from "../../../src/client/transport.ts";
import { framesOf, intAt } from "../../../src/protocol/jute/frame.ts";
import { OpCode } from "../../../src/protocol/jute/op-code.ts";
import { FakeClock, settled } from "../client/fake-clock.ts";
import { TestService } from "../client/test-service.ts";

export const TIMEOUT_MS = 6_000;

/** What goes wrong at a request: it never arrives, or it is carried out and its answer is lost. */
export type Fault = "request" | "answer";
type Op = keyof typeof OpCode;
const EVENT_XID = -1;

/**
 * A client whose connection breaks where a test says, without touching those of others; and that can
 * be paused, as a process is that collects garbage: it hears nothing and its timers stand still.
 */
export class FaultyClient {
  readonly zk: ZooKeeper;
  readonly states: ConnectionState[] = [];
  /** Requests sent, in order, by the names of their operations. */
  readonly sent: string[] = [];
  /** How many events of watches it was told. */
  eventsCount = 0;
  readonly clock: FakeClock;
  readonly #service: TestService;
  #faultAt: ((op: string, index: number) => Fault | undefined) | undefined;
  /** The xid whose answer is to be lost. */
  #doomed: number | undefined;
  #cut: (() => void) | undefined;
  #isOffline = false;
  #held: (() => void)[] | undefined;

  constructor(service: TestService, clock: FakeClock) {
    this.#service = service;
    this.clock = clock;
    const dial: Dial = (server, listener) => this.#dial(server, listener);
    this.zk = new ZooKeeper("one:1", { dial, clock, sessionTimeoutMs: TIMEOUT_MS });
    this.zk.onState((state) => this.states.push(state));
  }

  /** Breaks the connection now. */
  cut(): void {
    this.#cut?.();
  }

  /** Breaks it and keeps it from coming back until {@link online}. */
  offline(): void {
    this.#isOffline = true;
    this.cut();
  }

  /** Does not come back after the next cut. */
  offlineSoon(): void {
    this.#isOffline = true;
  }

  online(): void {
    this.#isOffline = false;
  }

  /** Breaks the connection at the next request of this kind. */
  failNext(op: Op, fault: Fault): void {
    this.failAt((name) => (name === op ? fault : undefined));
  }

  /** Breaks the connection at the first request for which something is returned. */
  failAt(faultAt: (op: string, index: number) => Fault | undefined): void {
    this.#faultAt = faultAt;
  }

  pause(): void {
    this.#held ??= [];
  }

  resume(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const task of held) task();
  }

  #dial(server: string, listener: TransportListener): ReturnType<Dial> {
    let isOver = false;
    const hear = (task: () => void): void => {
      if (this.#held === undefined) task();
      else this.#held.push(task);
    };
    const end = (): void => {
      if (isOver) return;
      isOver = true;
      inner.close();
      hear(() => listener.closed("cut"));
    };
    const inner = this.#service.dial(server, {
      opened: () => (this.#isOffline ? end() : hear(() => listener.opened())),
      received: (bytes) => {
        if (isOver) return;
        this.eventsCount += framesOf(bytes).filter((frame) => intAt(frame, 0) === EVENT_XID).length;
        if (this.#dooms(bytes)) end();
        else hear(() => listener.received(bytes));
      },
      pong: () => hear(() => listener.pong()),
      closed: () => end(),
    });
    this.#cut = end;
    return {
      send: (frames) => {
        if (this.#faultIn(frames) !== "request") inner.send(frames);
        else queueMicrotask(end);
      },
      ping: () => inner.ping(),
      close: () => {
        isOver = true;
        inner.close();
      },
    };
  }

  /** Looks at what leaves; one fault, and no more. */
  #faultIn(frames: Uint8Array): Fault | undefined {
    for (const frame of framesOf(frames)) {
      const op = nameOfOp(frame);
      if (op === undefined) continue;
      this.sent.push(op);
      const fault = this.#faultAt?.(op, this.sent.length - 1);
      if (fault === undefined) continue;
      this.#faultAt = undefined;
      if (fault === "answer") this.#doomed = intAt(frame, 0);
      return fault;
    }
    return undefined;
  }

  #dooms(bytes: Uint8Array): boolean {
    const doomed = this.#doomed;
    if (doomed === undefined) return false;
    const isThere = framesOf(bytes).some((frame) => intAt(frame, 0) === doomed);
    if (isThere) this.#doomed = undefined;
    return isThere;
  }
}

/** A service, and clients of it that share its clock. */
export class Stage {
  readonly clock: FakeClock = new FakeClock();
  readonly service: TestService = new TestService(this.clock);

  /** A client that is connected. @param clock - its own, for one that is to be paused. */
  async client(clock: FakeClock = this.clock): Promise<FaultyClient> {
    const client = new FaultyClient(this.service, clock);
    await client.zk.sync();
    client.sent.length = 0;
    return client;
  }

  /** Lets time pass, for clients and the server alike. */
  async pass(ms: number): Promise<void> {
    for (let leftMs = ms; leftMs > 0; leftMs -= 100) {
      await this.clock.advance(Math.min(100, leftMs));
      this.service.tick();
    }
    await settled();
  }

  /** Lets time pass until something has come to an end, at most a minute. */
  async until<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    const settle = (): void => void (isSettled = true);
    promise.then(settle, settle);
    for (let passes = 0; passes < 600 && !isSettled; passes += 1) await this.pass(100);
    if (!isSettled) throw new Error("expected an end within a minute, saw none");
    return await promise;
  }

  /** Ends the session of a client on the server, and lets it come back. */
  async expire(client: FaultyClient): Promise<void> {
    client.offline();
    await this.pass(TIMEOUT_MS * 2);
    client.online();
    await this.pass(6_000);
  }
}

function nameOfOp(frame: Uint8Array): string | undefined {
  // The handshake has no header: its second word is half of a zxid.
  const [xid, op] = [intAt(frame, 0), intAt(frame, 4)];
  if (xid <= 0) return undefined;
  const name = Object.entries(OpCode).find(([, code]) => code === op)?.[0];
  return name === "create2" ? "create" : name === "getChildren2" ? "getChildren" : name;
}
