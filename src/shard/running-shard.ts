import { createHash } from "node:crypto";
import type { Identity } from "../core/identity.ts";
import type { Limits } from "../core/limits.ts";
import { Code } from "../core/keeper-error.ts";
import { codecOf } from "../protocol/codecs.ts";
import type { ClientInput } from "../protocol/connection-codec.ts";
import { closeCodeOf } from "../protocol/json/encode.ts";
import { parseAck } from "../protocol/flow-control.ts";
import type { CallHost } from "../server/calls.ts";
import type { ClientConnection } from "../server/client-connection.ts";
import type { Consistency } from "../core/request-options.ts";
import type { ConnectionId, UntimedInput } from "../server/input.ts";
import type { ServerConfig, ServerPorts } from "../server/server-options.ts";
import { ZooKeeperServer } from "../server/zookeeper-server.ts";
import type { Store } from "../storage/store.ts";
import type { Alarm } from "./alarm.ts";
import type { ServerRunner } from "../server/server-runner.ts";
import { StandaloneRunner } from "../server/standalone-runner.ts";
import { FlushTurn } from "./flush-turn.ts";
import { guard } from "./guard.ts";
import { Member, type MemberParts } from "./member.ts";
import type { Envelope, Exchanged } from "./shard-api.ts";
import { SocketConnection, type SocketPorts } from "./socket-connection.ts";
import { WatchAttachment } from "./watch-attachment.ts";

/** What a running shard is made from. */
export interface RunningShardOptions {
  readonly ctx: DurableObjectState;
  readonly store: Store;
  readonly alarm: Alarm;
  readonly limits: Limits;
  readonly config: ServerConfig;
  /** Of an ensemble; without it the shard stands alone. */
  readonly member?: MemberParts | undefined;
}

/** What was agreed on with a new connection. */
export interface Terms {
  readonly subprotocol: string;
  readonly consistency: Consistency;
}

/** How long no message must come until sockets are told when theirs came last, milliseconds. */
const QUIET_MS = 1_000;

/**
 * A shard that recovered: the server, the transports around it and the platform's clock and timers.
 *
 * Every method is one event of the object, or a part of one, and synchronous: it takes the event in,
 * asks for a flush and returns.
 */
export class RunningShard implements CallHost {
  readonly store: Store;
  /** What it is in its ensemble; undefined if it stands alone. */
  readonly member: Member | undefined;
  readonly #ctx: DurableObjectState;
  readonly #alarm: Alarm;
  readonly #limits: Limits;
  readonly #runner: ServerRunner;
  readonly #turn: FlushTurn;
  readonly #attachments: WatchAttachment;
  readonly #sockets = new Map<WebSocket, SocketConnection>();
  readonly #socketPorts: SocketPorts;
  /**
   * Connections heard since they were saved. Saved when all is quiet: only an idle object hibernates,
   * and a session must not be taken for silent since longer than it was.
   */
  readonly #heard = new Set<SocketConnection>();
  #heardMs = 0;
  #lastConnection: ConnectionId = 0;
  #isStarted = false;
  #timer: { readonly id: number; readonly dueMs: number } | undefined;

  /** Recovers. @throws whatever says that the log or the tables are not what they must be. */
  constructor({ ctx, store, alarm, limits, config, member }: RunningShardOptions) {
    this.#ctx = ctx;
    this.store = store;
    this.#alarm = alarm;
    this.#limits = limits;
    this.#socketPorts = {
      limits,
      save: (connection) => this.#save(connection),
      forget: ({ socket, id }) => this.#attachments.forget(socket, id),
    };
    this.#attachments = new WatchAttachment(store);
    const ports = this.#serverPorts();
    const options = { store, limits, enforceQuota: true, ports, config };
    this.member =
      member === undefined
        ? undefined
        : new Member({
            ...member,
            store,
            makeServer: (own) => new ZooKeeperServer({ ...options, member: own }),
            run: (body) => this.#run(body),
          });
    const alone = () => new StandaloneRunner(new ZooKeeperServer(options), store);
    this.#runner = this.member?.runner ?? alone();
    this.#turn = new FlushTurn(() => guard(ctx, () => this.#flush()));
    this.#restoreSockets();
  }

  /** The server of now: it must not be kept. */
  get server(): ZooKeeperServer {
    return this.#runner.server;
  }

  /**
   * Must precede whatever else an event does: decides once which sessions outlived the time without
   * an instance. Not done while recovering, because only the first event knows the alarm.
   */
  begin(alarmAtMs: number | undefined): void {
    if (this.#isStarted) return;
    this.#isStarted = true;
    this.#runner.start({ nowMs: Date.now(), alarmAtMs });
    // Also sets the alarm where the last instance ended before it could.
    this.#turn.request();
  }

  /** Takes a new WebSocket in; its subprotocol decides what it speaks. */
  accept(socket: WebSocket, identity: Identity, { subprotocol, consistency }: Terms): void {
    const codec = codecOf(subprotocol, this.#limits, false);
    const id = this.nextConnection();
    const connection = new SocketConnection(id, socket, codec, this.#socketPorts);
    this.#ctx.acceptWebSocket(socket);
    this.#sockets.set(socket, connection);
    const { room } = connection;
    this.#runner.connections.set(id, connection);
    this.step({ type: "opened", connection: id, identity, room, consistency });
    connection.changed();
    connection.flush();
  }

  /** Takes in a message of a client; a bad one is answered and hurts nobody else. */
  message(socket: WebSocket, message: string | ArrayBuffer): void {
    const connection = this.#sockets.get(socket);
    // Closed by the shard while the message was on its way.
    if (connection === undefined || connection.isDone) return;
    const acknowledged = typeof message === "string" ? parseAck(message) : undefined;
    this.#heard.add(connection);
    this.#heardMs = Date.now();
    if (acknowledged !== undefined) return this.#acknowledged(connection, acknowledged);
    for (const input of connection.codec.receive(message)) this.#take(connection, input);
    this.#turn.request(connection.id);
  }

  /** A socket closed or broke. */
  gone(socket: WebSocket): void {
    const connection = this.#sockets.get(socket);
    this.#sockets.delete(socket);
    // Those that the shard closed were forgotten then.
    if (connection === undefined || connection.isDone) return;
    connection.gone();
    this.#attachments.forget(socket, connection.id);
    this.#forget(connection);
    this.#turn.request();
  }

  /** Time passed. Flushed at once: the alarm is used up, the next one must be set with its end. */
  tick(): void {
    if (this.member === undefined) this.step({ type: "tick" });
    else this.member.runner.tick(Date.now());
    this.#flush();
  }

  /** Takes in what another member sent. */
  exchange(envelope: Envelope): Exchanged {
    if (this.member === undefined) return { refused: "expected a member, saw a shard on its own" };
    const exchanged = this.member.exchange(envelope);
    this.#settle();
    return exchanged;
  }

  get nowMs(): number {
    return Date.now();
  }

  /** Names a new connection. */
  nextConnection(): ConnectionId {
    this.#lastConnection += 1;
    return this.#lastConnection;
  }

  /** Makes the connection of a call known to the server. */
  open(connection: ClientConnection, identity: Identity): void {
    this.#runner.connections.set(connection.id, connection);
    this.step({ type: "opened", connection: connection.id, identity });
  }

  /** Takes an input in, at the platform's clock. What it causes happens at the next flush. */
  step(input: UntimedInput): void {
    this.server.step({ ...input, nowMs: Date.now() });
  }

  /** Asks for a flush by the rule of the group commit. */
  requestFlush(): void {
    this.#turn.request();
  }

  #acknowledged(connection: SocketConnection, size: number): void {
    connection.acknowledged(size);
    this.step({ type: "room", connection: connection.id, bytes: connection.room });
    this.#turn.request();
  }

  #take(connection: SocketConnection, input: ClientInput): void {
    const { id } = connection;
    if (input.type === "request") {
      this.step({ ...input, connection: id });
      return;
    }
    if (input.type === "connect") {
      this.step({ ...input, connection: id, ask: { ...input.ask, mode: "bind" } });
      return;
    }
    // Answered here, so everything before it must have been answered first.
    this.#flush();
    if (input.type === "own") {
      input.answer(this.server.status().zxid);
      connection.flush();
    } else if (!connection.isDone) {
      connection.close(Code.BADARGUMENTS, input.reason);
      this.#forget(connection);
    }
  }

  /** Tells the server that a connection is gone. It asks when its client was last heard, so first. */
  #forget({ id }: SocketConnection): void {
    this.step({ type: "closed", connection: id });
    this.#runner.connections.delete(id);
  }

  #flush(): void {
    this.#runner.flush(Date.now());
    this.#settle();
  }

  /** Runs what the network reports, as an event of the object. */
  #run(body: () => void): void {
    guard(this.#ctx, () => {
      body();
      this.#settle();
    });
  }

  /** The end of every event. */
  #settle(): void {
    this.#alarm.want(this.server.nextWakeMs());
    this.member?.settle();
    this.#setTimer();
  }

  /** One timer for what may wait a moment. */
  #setTimer(): void {
    const dueMs = Math.min(
      this.server.checkpointDueMs() ?? Infinity,
      this.#attachments.dueMs ?? Infinity,
      this.#heard.size > 0 ? this.#heardMs + QUIET_MS : Infinity,
      this.member?.runner.nextTimerMs() ?? Infinity,
    );
    if (dueMs === Infinity || (this.#timer !== undefined && this.#timer.dueMs <= dueMs)) return;
    if (this.#timer !== undefined) clearTimeout(this.#timer.id);
    const run = (): void => guard(this.#ctx, () => this.#onTimer());
    this.#timer = { id: setTimeout(run, Math.max(0, dueMs - Date.now())), dueMs };
  }

  #onTimer(): void {
    this.#timer = undefined;
    const nowMs = Date.now();
    // Connections that the server has closed must be known as closed before any is saved.
    if ((this.member?.runner.nextTimerMs() ?? Infinity) <= nowMs) this.member?.runner.tick(nowMs);
    this.#runner.flush(nowMs);
    if ((this.server.checkpointDueMs() ?? Infinity) <= nowMs) this.server.checkpoint(nowMs);
    if (nowMs - this.#heardMs >= QUIET_MS) this.#saveHeard();
    if ((this.#attachments.dueMs ?? Infinity) <= nowMs) this.#attachments.writeOverflow();
    this.#settle();
  }

  #saveHeard(): void {
    for (const connection of this.#heard) if (!connection.isDone) this.#save(connection);
    this.#heard.clear();
  }

  #save(connection: SocketConnection): void {
    this.#heard.delete(connection);
    const { id, socket, codec } = connection;
    this.#attachments.save(socket, id, Date.now(), () => ({
      snapshot: this.server.connectionState(id),
      watches: this.server.connectionWatches(id),
      subprotocol: codec.subprotocol,
      isCut: connection.isCut,
    }));
  }

  /** Takes up the sockets that outlived the last instance. */
  #restoreSockets(): void {
    const attachments = [];
    for (const socket of this.#ctx.getWebSockets()) {
      const attachment = WatchAttachment.read(socket);
      if (attachment === undefined) continue;
      if (attachment.isCut) {
        socket.close(
          closeCodeOf(Code.CONNECTIONLOSS),
          "expected the rest of a frame, slept instead",
        );
        continue;
      }
      attachments.push(attachment);
      const { connection: id, snapshot, subprotocol } = attachment;
      const codec = codecOf(subprotocol, this.#limits, snapshot.sessionRole !== "none");
      const connection = new SocketConnection(id, socket, codec, this.#socketPorts);
      this.#sockets.set(socket, connection);
      this.#runner.connections.set(id, connection);
      this.#lastConnection = Math.max(this.#lastConnection, id);
      this.server.restoreConnection(id, snapshot, connection.room);
    }
    this.#attachments.restore(attachments);
  }

  #socketOf(id: ConnectionId): WebSocket | undefined {
    const connection = this.#runner.connections.get(id);
    return connection instanceof SocketConnection ? connection.socket : undefined;
  }

  #serverPorts(): ServerPorts {
    return {
      lastSeen: (id) => {
        const socket = this.#socketOf(id);
        if (socket === undefined) return 0;
        return this.#ctx.getWebSocketAutoResponseTimestamp(socket)?.getTime() ?? 0;
      },
      loadWatches: (id) => {
        const socket = this.#socketOf(id);
        const attachment = socket === undefined ? undefined : WatchAttachment.read(socket);
        return attachment === undefined ? undefined : this.#attachments.load(attachment);
      },
      randomBytes: (length) => crypto.getRandomValues(new Uint8Array(length)),
      sha1: (bytes) => new Uint8Array(createHash("sha1").update(bytes).digest()),
    };
  }
}
