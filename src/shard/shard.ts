import { DurableObject } from "cloudflare:workers";
import type { AdminData, AdminDetail, StatisticsKind } from "../core/admin-data.ts";
import type { SessionId } from "../core/data-node.ts";
import type { Identity } from "../core/identity.ts";
import { LIMITS, type Limits } from "../core/limits.ts";
import type { Zxid } from "../core/zxid.ts";
import { PING, PONG } from "../protocol/flow-control.ts";
import { closeCodeOf } from "../protocol/json/encode.ts";
import type { Settle } from "../server/call-connection.ts";
import { call, closeSession, describeSession, keepSession, openSession } from "../server/calls.ts";
import { CacheGovernor } from "../storage/cache-governor.ts";
import { DurableObjectSql } from "../storage/durable-object-sql.ts";
import { DEFAULT_LOG_WINDOW, type LogWindow } from "../storage/log-window.ts";
import type { SqlDatabase } from "../storage/sql-database.ts";
import type { LogRow } from "../zab/log-row.ts";
import { Alarm } from "./alarm.ts";
import { answeredCode, cutReason } from "../protocol/close-reason.ts";
import type { Env } from "./env.ts";
import { guard } from "./guard.ts";
import { recover, type Unrecovered } from "./recover.ts";
import { RunningShard } from "./running-shard.ts";
import {
  type Envelope,
  type Exchanged,
  LEADER_HEADER,
  type MemberApi,
  type MemberPort,
  type NotServing,
  type RoutedMethod,
  type Routing,
  ROUTING_HEADER,
  type SessionCall,
  type SessionView,
  type ShardAnswer,
  type ShardCall,
} from "./shard-api.ts";
import { shardStatus } from "./shard-status.ts";
import { upgrade } from "./upgrade.ts";

/** Objects of one class may share an isolate and its memory, so they share one cache budget. */
const governor = new CacheGovernor();

/** Bytes of log in one answer; the platform's limit for an answer is 32 MiB. */
const EXPORT_BYTES = 8 * 1_048_576;

/** What tests replace. */
export interface ShardParts {
  readonly wrapDatabase?: (database: SqlDatabase) => SqlDatabase;
  readonly logWindow?: LogWindow;
  readonly limits?: Limits;
}

/**
 * The Durable Object: one shard, the single leader of its subtree.
 *
 * Only adapts: platform events become inputs of the server, its effects become calls of the
 * platform. Every entry point runs under the guard. A shard that can't recover stays up, refuses
 * everything with the reason and repairs nothing.
 */
export class Shard extends DurableObject<Env> implements MemberApi, MemberPort {
  readonly #sql: DurableObjectSql;
  readonly #alarm: Alarm;
  readonly #shard: RunningShard | Unrecovered;

  constructor(ctx: DurableObjectState, env: Env, parts: ShardParts = {}) {
    super(ctx, env);
    const { wrapDatabase, logWindow = DEFAULT_LOG_WINDOW, limits = LIMITS } = parts;
    this.#sql = new DurableObjectSql(ctx.storage);
    const database = wrapDatabase?.(this.#sql) ?? this.#sql;
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair(PING, PONG));
    const alarm = new Alarm(ctx.storage);
    this.#alarm = alarm;
    this.#shard = recover({ ctx, env, alarm, database, governor, logWindow, limits });
    void ctx.blockConcurrencyWhile(() => alarm.read());
  }

  async call(request: ShardCall): Promise<ShardAnswer> {
    return this.#answer((shard, settle) => call(shard, request, settle));
  }

  async openSession(request: {
    readonly identity: Identity;
    readonly timeoutMs: number;
  }): Promise<ShardAnswer<SessionView>> {
    return this.#answer((shard, settle) => openSession(shard, request, settle));
  }

  async keepSession(session: SessionCall): Promise<ShardAnswer<SessionView>> {
    return this.#answer((shard, settle) => keepSession(shard, session, settle));
  }

  async describeSession(session: SessionCall): Promise<ShardAnswer<SessionView>> {
    return this.#answer((shard, settle) => settle(describeSession(shard, session)));
  }

  async closeSession(session: SessionCall): Promise<ShardAnswer<{ readonly id: SessionId }>> {
    return this.#answer((shard, settle) => closeSession(shard, session, settle));
  }

  async status(details: readonly AdminDetail[] = []): Promise<AdminData> {
    return this.#serve((shard) => shardStatus(shard, details, this.#sql, governor), refuse);
  }

  async resetStatistics(kind: StatisticsKind): Promise<void> {
    this.#serve(({ server }) => server.resetStatistics(kind), refuse);
  }

  async exportLog(after: Zxid): Promise<readonly LogRow[]> {
    return this.#shard.store?.log.read(after, EXPORT_BYTES) ?? [];
  }

  async routed(
    routing: Routing,
    method?: RoutedMethod,
    args: readonly unknown[] = [],
  ): Promise<NotServing | { readonly type: "served"; readonly value: unknown }> {
    const elsewhere = await this.#findElsewhere(routing);
    if (elsewhere !== undefined) return elsewhere;
    if (method === undefined) return { type: "served", value: undefined };
    // The caller took both from the one interface.
    const body = this[method] as (...args: readonly unknown[]) => Promise<unknown>;
    return { type: "served", value: await body.call(this, ...args) };
  }

  async exchange(envelope: Envelope): Promise<Exchanged> {
    return this.#serve((shard) => shard.exchange(envelope), refuse);
  }

  override async fetch(request: Request): Promise<Response> {
    const routing = request.headers.get(ROUTING_HEADER);
    const elsewhere =
      routing === null ? undefined : await this.#findElsewhere(JSON.parse(routing) as Routing);
    if (elsewhere !== undefined) return misdirected(elsewhere);
    return this.#serve(
      (shard) => upgrade(shard, request),
      ({ failure }) => new Response(failure.message, { status: 503 }),
    );
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    this.#serve(
      (shard) => shard.message(socket, message),
      ({ failure }) => socket.close(closeCodeOf(failure.code), cutReason(failure.message)),
    );
  }

  override webSocketClose(socket: WebSocket, code: number, reason: string): void {
    // Without this the client would see 1006: for sockets that hibernate the runtime answers nothing.
    socket.close(answeredCode(code), reason);
    this.#serve((shard) => shard.gone(socket), ignore);
  }

  override webSocketError(socket: WebSocket): void {
    this.#serve((shard) => shard.gone(socket), ignore);
  }

  override alarm(info?: AlarmInvocationInfo): void {
    const setMs = this.#alarm.atMs ?? info?.scheduledTime;
    this.#alarm.fired();
    this.#serve((shard) => shard.tick(), ignore, setMs);
  }

  /** Throws if nothing shall be asked of this object; only local development has a reason. */
  protected admit(): void {}

  /** Whether another member is to be asked; one that can't recover serves nobody. */
  async #findElsewhere(routing: Routing): Promise<NotServing | undefined> {
    return this.#serve<Promise<NotServing | undefined> | NotServing | undefined>(
      ({ member }) => member?.findElsewhere(routing),
      () => ({ type: "notServing", leader: undefined }),
    );
  }

  #answer<T>(body: (shard: RunningShard, settle: Settle<T>) => void): Promise<ShardAnswer<T>> {
    const { promise, resolve } = Promise.withResolvers<ShardAnswer<T>>();
    this.#serve(
      (shard) => body(shard, resolve),
      ({ zxid, failure }) => resolve({ zxid, outcome: failure, isReplayed: false }),
    );
    return promise;
  }

  /** The one way in. The first event settles, with the alarm it knows, what happened meanwhile. */
  #serve<T>(
    body: (shard: RunningShard) => T,
    otherwise: (shard: Unrecovered) => T,
    alarmAtMs: number | undefined = this.#alarm.atMs,
  ): T {
    this.admit();
    return guard(this.ctx, () => {
      const shard = this.#shard;
      if (!(shard instanceof RunningShard)) return otherwise(shard);
      shard.begin(alarmAtMs);
      return body(shard);
    });
  }
}

/** Source: RFC 9110 §15.5.20. */
function misdirected({ leader }: NotServing): Response {
  const headers: HeadersInit = leader === undefined ? {} : { [LEADER_HEADER]: `${leader}` };
  return new Response(null, { status: 421, headers });
}

function refuse({ failure }: Unrecovered): never {
  throw new Error(failure.message);
}

/** A shard that can't recover has no use for the event. */
function ignore(): void {}
