import type { LogWindow } from "../../src/storage/log-window.ts";
import type { SqlDatabase, SqlRow, SqlValue } from "../../src/storage/sql-database.ts";
import type { Env } from "../../src/shard/env.ts";
import { Shard } from "../../src/shard/shard.ts";
import { LIMITS, type Limits } from "../../src/core/limits.ts";
import { Keeper } from "../../src/binding/keeper.ts";

export { default, Shard } from "../../src/dev.ts";

/** What happened to the objects of class {@link ObservedShard}, by object name. */
export interface Observed {
  /** Instances made: 1 more after each eviction or crash. */
  starts: number;
  alarms: number;
  messages: number;
  /** Statements that change something, in order. */
  statements: string[];
  /** Throws before the n-th statement from now that changes something, 1 = the next. */
  failAt: number | undefined;
  limits: Limits;
  logWindow: LogWindow | undefined;
  /** Stands in for the runtime's heartbeat timestamps, which go by real time: by socket number. */
  lastHeartbeatMs: ((index: number) => number) | undefined;
  /** `ENSEMBLE`, of a member. */
  ensemble: unknown;
  /** Refuses every call, as an object that can't be reached. */
  isStopped: boolean;
}

const observed = new Map<string, Observed>();

/** The record of one object; made when first asked for, so that a test can ask ahead. */
export function observe(name: string): Observed {
  const known = observed.get(name);
  if (known !== undefined) return known;
  const made: Observed = {
    starts: 0,
    alarms: 0,
    messages: 0,
    statements: [],
    failAt: undefined,
    limits: LIMITS,
    logWindow: undefined,
    lastHeartbeatMs: undefined,
    ensemble: undefined,
    isStopped: false,
  };
  observed.set(name, made);
  return made;
}

/** A database that takes notes, and that fails where a test says. */
class ObservedSql implements SqlDatabase {
  readonly #sql: SqlDatabase;
  readonly #observed: Observed;

  constructor(sql: SqlDatabase, record: Observed) {
    this.#sql = sql;
    this.#observed = record;
  }

  all(sql: string, ...values: readonly SqlValue[]): SqlRow[] {
    return this.#sql.all(sql, ...values);
  }

  run(sql: string, ...values: readonly SqlValue[]): void {
    const record = this.#observed;
    if (record.failAt !== undefined) {
      record.failAt -= 1;
      if (record.failAt === 0) {
        record.failAt = undefined;
        throw new Error(`planned failure before ${sql}`);
      }
    }
    record.statements.push(sql);
    this.#sql.run(sql, ...values);
  }

  transaction<T>(body: () => T): T {
    return this.#sql.transaction(body);
  }
}

/** The shard, with a record of what it does. Never in a bundle: this file is a test's. */
export class ObservedShard extends Shard {
  readonly #observed: Observed;

  constructor(ctx: DurableObjectState, env: Env) {
    const record = observe(ctx.id.name ?? "");
    record.starts += 1;
    replaceHeartbeats(ctx, record);
    const { limits, logWindow, ensemble } = record;
    // Members find each other where they were found.
    const { OBSERVED } = env as unknown as Record<string, DurableObjectNamespace>;
    const own = { ...env, ...(OBSERVED && { SHARD: OBSERVED }), ENSEMBLE: ensemble };
    super(ctx, own, {
      wrapDatabase: (database) => new ObservedSql(database, record),
      limits,
      ...(logWindow === undefined ? {} : { logWindow }),
    });
    this.#observed = record;
  }

  protected override admit(): void {
    if (this.#observed.isStopped) throw new Error("this member is stopped");
  }

  override alarm(info?: AlarmInvocationInfo): void {
    this.#observed.alarms += 1;
    super.alarm(info);
  }

  override webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): void {
    this.#observed.messages += 1;
    super.webSocketMessage(socket, message);
  }
}

function replaceHeartbeats(ctx: DurableObjectState, record: Observed): void {
  const original = ctx.getWebSocketAutoResponseTimestamp.bind(ctx);
  const indexes = new Map<WebSocket, number>();
  ctx.getWebSocketAutoResponseTimestamp = (socket) => {
    const { lastHeartbeatMs } = record;
    if (lastHeartbeatMs === undefined) return original(socket);
    if (indexes.size === 0) ctx.getWebSockets().forEach((one, index) => indexes.set(one, index));
    return new Date(lastHeartbeatMs(indexes.get(socket) ?? 0));
  };
}

/** `ENSEMBLE` of the Worker that {@link ObservedKeeper} belongs to. */
export const keeperVariables: { ensemble: unknown } = { ensemble: undefined };

/** The binding, on shards that tests can look into. */
export class ObservedKeeper extends Keeper {
  constructor(ctx: ExecutionContext, env: Env) {
    const { OBSERVED } = env as unknown as Record<string, DurableObjectNamespace>;
    const { ensemble } = keeperVariables;
    const own = { ...env, ...(OBSERVED && { SHARD: OBSERVED }) };
    super(ctx, ensemble === undefined ? own : { ...own, ENSEMBLE: ensemble });
  }
}
