import { Fifo } from "../core/fifo.ts";
import { Code } from "../core/keeper-error.ts";
import type { AuthRequest, SetWatchesRequest } from "../core/request.ts";
import type { Zxid } from "../core/zxid.ts";
import type { HandshakeAnswer, NativeSession } from "../protocol/jute/client-handshake.ts";
import type { NativeEvent } from "../protocol/jute/decode-reply.ts";
import type { NativeRequest } from "../protocol/jute/encode-request.ts";
import type { Clock } from "./clock.ts";
import { type Answer, Connection, type ConnectionListener, type Sent } from "./connection.ts";
import { type ConnectionState, isServed } from "./connection-state.ts";
import { NamedTimers } from "./named-timers.ts";
import { Proofs } from "./proofs.ts";
import { ReadWriteSearch } from "./read-write-search.ts";
import { Servers } from "./servers.ts";
import type { Dial } from "./transport.ts";

/** What a session is made from. */
export interface SessionOptions {
  /** In any order: it is drawn. */
  readonly servers: readonly string[];
  readonly dial: Dial;
  readonly clock: Clock;
  /** Asked for, milliseconds; the server negotiates. */
  readonly timeoutMs: number;
  readonly canBeReadOnly: boolean;
  /** Bytes of a request, at most. */
  readonly requestBytesMax: number;
  readonly auths: readonly AuthRequest[];
}

/** Who hears of a {@link Session}. */
export interface SessionListener {
  stateChanged(state: ConnectionState): void;
  event(event: NativeEvent, zxid: Zxid): void;
  /** The watches to register again, in requests that fit into frames. */
  watchesToSet(relativeZxid: Zxid): readonly SetWatchesRequest[];
}

type TimerName = "connect" | "retry" | "heartbeat" | "lost" | "closing";

/** Requests under way on one connection; a server refuses far more, and a cut loses fewer. */
export const OUTSTANDING_MAX = 1_000;
/** Requests that wait to be sent; one more is refused. */
export const WAITING_MAX = 100_000;
const TOO_MANY = `expected at most ${WAITING_MAX} requests that wait, saw one more`;
/** How long a server may take to let us in, at least, milliseconds. */
const CONNECT_MS_MIN = 1_000;
/** How long a server may take to end a session, milliseconds. */
const CLOSING_MS = 2_000;

/**
 * A session and the connections that carry it, one after the other.
 *
 * Heartbeats go out every third of the timeout; a server that is silent for two thirds is left.
 * Requests wait while there is no connection; those under way when one is lost fail with
 * CONNECTIONLOSS and are never repeated, because nobody knows whether they were carried out. A
 * session that is lost is followed by a new one.
 *
 * Source: ZooKeeper `ClientCnxn`; Curator `ConnectionStateManager` for `lost`.
 */
export class Session {
  readonly #options: SessionOptions;
  readonly #listener: SessionListener;
  readonly #servers: Servers;
  readonly #proofs: Proofs;
  readonly #waiting = new Fifo<Sent>();
  readonly #timers: NamedTimers<TimerName>;
  readonly #search: ReadWriteSearch;
  #state: ConnectionState = "connecting";
  #connection: Connection | undefined;
  #isOpen = false;
  #session: NativeSession | undefined;
  /** Whether a quorum knows {@link session}: one of a server without is nothing elsewhere. */
  #isGranted = false;
  #lastZxid: Zxid = 0;
  #heardMs = 0;
  #closed: PromiseWithResolvers<void> | undefined;

  constructor(options: SessionOptions, listener: SessionListener) {
    this.#options = options;
    this.#listener = listener;
    this.#proofs = new Proofs(options.auths);
    this.#timers = new NamedTimers(options.clock);
    this.#servers = new Servers(options.servers, options.clock);
    this.#search = new ReadWriteSearch({
      clock: options.clock,
      tryNext: (failed) => this.#tryReadWrite(failed),
    });
    this.#connect();
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Undefined until the first connection, and between a loss and the next session. */
  get session(): NativeSession | undefined {
    return this.#session;
  }

  /** The last zxid that a server told. */
  get lastZxid(): Zxid {
    return this.#lastZxid;
  }

  /**
   * Sends a request when its turn comes. Its answer says by its code what became of it.
   *
   * @param onAnswer - called at once, before anything that came behind the answer is looked at.
   */
  request(request: NativeRequest, onAnswer: (answer: Answer) => void): Promise<Answer> {
    return new Promise((resolve) => {
      const settle = (answer: Answer): void => {
        onAnswer(answer);
        resolve(answer);
      };
      const sent = { request, settle };
      if (this.#closed !== undefined || this.#state === "closed") {
        fail([sent], Code.SESSIONEXPIRED, "the client is closed");
      } else if (this.#waiting.length >= WAITING_MAX) fail([sent], Code.THROTTLEDOP, TOO_MANY);
      else {
        this.#waiting.push(sent);
        this.#pump();
      }
    });
  }

  /** Proves an identity, here and on every later connection. Resolves to the server's code. */
  authenticate(auth: AuthRequest): Promise<number> {
    const isOver = this.#closed !== undefined || this.#state === "closed";
    if (isOver) return Promise.resolve(Code.SESSIONEXPIRED);
    const answer = this.#proofs.add(auth);
    if (this.#isOpen) this.#connection?.authenticate(auth);
    return answer;
  }

  /** Ends the session, with its ephemerals, if a server can be told, and the connection. */
  close(): Promise<void> {
    if (this.#closed !== undefined) return this.#closed.promise;
    this.#closed = Promise.withResolvers<void>();
    this.#search.stop();
    fail(this.#waiting.clear(), Code.CONNECTIONLOSS, "the client was closed");
    if (this.#isOpen && this.#connection !== undefined) {
      const settle = (): void => this.#finish("the session was closed");
      this.#connection.ask({ request: { op: "closeSession" }, settle });
      this.#timers.after("closing", CLOSING_MS, settle);
      // Told before the server hears of it: from then on others may have what was ours.
      this.#become("closed");
    } else {
      this.#finish("the client was closed");
    }
    return this.#closed.promise;
  }

  #connect(): void {
    const { clock, canBeReadOnly } = this.#options;
    const server = this.#servers.next();
    const allowedMs = this.#allowedMs;
    this.#timers.after("connect", allowedMs, () =>
      this.#connection?.close(`expected ${server} to let us in within ${allowedMs} ms`),
    );
    this.#heardMs = clock.nowMs();
    this.#connection = this.#dial(server, canBeReadOnly, {
      shaken: (answer) => this.#shaken(answer),
      closed: (reason, lost, refusal) => {
        if (refusal === undefined) this.#disconnected(reason, lost);
        else this.#refused(reason, lost, refusal);
      },
    });
  }

  /** How long a server may take to let us in: its share of the timeout, milliseconds. */
  get #allowedMs(): number {
    return Math.max(CONNECT_MS_MIN, this.#options.timeoutMs / this.#servers.count);
  }

  #dial(
    server: string,
    canBeReadOnly: boolean,
    listener: Pick<ConnectionListener, "shaken" | "closed">,
  ): Connection {
    const { dial, timeoutMs, requestBytesMax } = this.#options;
    const connection = new Connection(
      { dial, server, requestBytesMax },
      {
        ...listener,
        opened: () =>
          connection.shake({
            lastZxidSeen: this.#lastZxid,
            timeoutMs,
            session: this.#isGranted ? this.#session : undefined,
            canBeReadOnly,
          }),
        event: (event, zxid) => {
          this.#heard(zxid);
          this.#listener.event(event, zxid);
        },
        authAnswered: (code) => this.#authAnswered(code),
        pong: () => this.#heard(),
      },
    );
    return connection;
  }

  /** Asks a server with a quorum for the session: whoever has none refuses. @returns what abandons it. */
  #tryReadWrite(failed: () => void): () => void {
    let stage: "asking" | "let in" | "over" = "asking";
    const connection = this.#dial(this.#servers.search(), false, {
      shaken: (answer) => {
        stage = "let in";
        cancel();
        this.#servers.found();
        this.#move(connection, answer);
      },
      closed: (reason, lost) => {
        cancel();
        const wasAsking = stage === "asking";
        if (stage === "let in") this.#disconnected(reason, lost);
        stage = "over";
        if (wasAsking) failed();
      },
    });
    const giveUp = (): void => connection.close("expected a server with a quorum");
    const cancel = this.#options.clock.after(this.#allowedMs, giveUp);
    return () => {
      if (stage !== "asking") return;
      stage = "over";
      giveUp();
    };
  }

  #move(connection: Connection, answer: HandshakeAnswer): void {
    this.#connection?.close("a server with a quorum was found");
    // Whoever heard of it may have closed the client.
    if (this.#closed !== undefined || this.#state === "closed") {
      connection.close("the client was closed");
      return;
    }
    this.#timers.cancel("retry");
    this.#connection = connection;
    this.#shaken(answer);
  }

  #shaken({ session, isReadOnly }: HandshakeAnswer): void {
    this.#timers.cancel("connect");
    this.#heard();
    if (session === undefined) {
      // A server that tells so is a good one to ask for the next session.
      this.#servers.connected();
      this.#lose("the server says that it is over");
      this.#connection?.close("the session is over");
      return;
    }
    this.#isGranted = !isReadOnly || (this.#isGranted && session.id === this.#session?.id);
    this.#session = session;
    this.#isOpen = true;
    if (isReadOnly) this.#search.start();
    if (!isReadOnly || !this.#isGranted) this.#timers.cancel("lost");
    this.#servers.connected();
    const connection = this.#connection;
    for (const proof of this.#proofs.anew()) connection?.authenticate(proof);
    for (const request of this.#listener.watchesToSet(this.#lastZxid)) {
      connection?.setWatches(request);
    }
    this.#beat();
    this.#pump();
    this.#become(isReadOnly ? "readOnly" : "connected");
  }

  #beat(): void {
    const { timeoutMs } = this.#session ?? this.#options;
    this.#timers.after("heartbeat", timeoutMs / 3, () => {
      const silentMs = this.#options.clock.nowMs() - this.#heardMs;
      // Two beats without an answer; a timer may run a little early.
      if (silentMs > timeoutMs / 2) {
        this.#connection?.close(`expected an answer within ${timeoutMs} ms, heard nothing`);
        return;
      }
      this.#connection?.ping();
      this.#beat();
    });
  }

  #heard(zxid: Zxid = 0): void {
    this.#heardMs = this.#options.clock.nowMs();
    this.#lastZxid = Math.max(this.#lastZxid, zxid);
  }

  #pump(): void {
    const connection = this.#connection;
    if (!this.#isOpen || connection === undefined) return;
    while (connection.outstanding < OUTSTANDING_MAX) {
      const sent = this.#waiting.shift();
      if (sent === undefined) return;
      connection.ask({
        request: sent.request,
        settle: (answer) => {
          if (answer.cause === undefined) this.#heard(answer.zxid);
          sent.settle(answer);
          this.#pump();
        },
      });
    }
  }

  #authAnswered(code: number): void {
    this.#heard();
    this.#proofs.answered(code);
    if (code !== Code.OK) this.#finish("the server refused our identity", Code.AUTHFAILED);
  }

  #disconnected(reason: string, lost: readonly Sent[]): void {
    const { clock } = this.#options;
    this.#connection = undefined;
    this.#isOpen = false;
    this.#search.stop();
    this.#timers.cancel("connect");
    this.#timers.cancel("heartbeat");
    if (this.#closed !== undefined || this.#state === "closed") {
      fail(lost, Code.CONNECTIONLOSS, reason);
      this.#finish("the connection was lost while closing");
      return;
    }
    if (isServed(this.#state)) {
      this.#become("suspended");
      const timeoutMs = this.#session?.timeoutMs ?? 0;
      const leftMs = this.#heardMs + timeoutMs - clock.nowMs();
      // It runs already where only a server without a quorum was heard since.
      const lose = (): void => this.#lose(`expected a connection within ${timeoutMs} ms`);
      if (this.#closed === undefined && !this.#timers.has("lost")) {
        this.#timers.after("lost", Math.max(0, leftMs), lose);
      }
    }
    fail(lost, Code.CONNECTIONLOSS, reason);
    // Whoever heard of the loss may have closed the client.
    if (this.#closed === undefined) {
      this.#timers.after("retry", this.#servers.delayMs(), () => this.#connect());
    }
  }

  #refused(reason: string, lost: readonly Sent[], refusal: Code): void {
    this.#connection = undefined;
    fail(lost, refusal, reason);
    this.#finish(reason, refusal);
  }

  /** The session is over, or as good as over: nobody will resume it. */
  #lose(reason: string): void {
    this.#timers.cancel("lost");
    const hadSession = this.#session !== undefined;
    this.#session = undefined;
    this.#isGranted = false;
    if (!hadSession) return;
    fail(this.#waiting.clear(), Code.SESSIONEXPIRED, reason);
    this.#become("lost");
    if (this.#isOpen) {
      // A server without a quorum serves reads all the same.
      this.#search.start();
      this.#become("readOnly");
    } else {
      // Its answer could bring back a session of which everybody was told that it is over.
      this.#connection?.close("the session is over");
    }
  }

  #finish(reason: string, code: Code = Code.CONNECTIONLOSS): void {
    this.#search.stop();
    this.#timers.cancelAll();
    const wasClosed = this.#state === "closed";
    this.#isOpen = false;
    if (!wasClosed) this.#become("closed");
    const connection = this.#connection;
    this.#connection = undefined;
    connection?.close(reason);
    fail(this.#waiting.clear(), code, reason);
    this.#proofs.end(code);
    this.#session = undefined;
    this.#closed?.resolve();
  }

  #become(state: ConnectionState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#listener.stateChanged(state);
  }
}

function fail(requests: readonly Sent[], code: Code, reason: string): void {
  if (requests.length === 0) return;
  const cause = new Error(reason);
  for (const { settle } of requests) settle({ zxid: 0, code, reply: undefined, cause });
}
