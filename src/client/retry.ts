import { Code } from "../core/keeper-error.ts";
import type { Clock } from "./clock.ts";
import type { ConnectionState } from "./connection-state.ts";
import { isKeeperError } from "./keeper-error.ts";

/**
 * Says how long to wait before the next attempt, milliseconds; undefined gives up.
 *
 * A pure function.
 *
 * @param attempt - how many there were, from 1.
 * @param elapsedMs - since the first one began.
 * @param chance - from 0 up to 1, drawn anew each time.
 */
export type RetryPolicy = (
  attempt: number,
  elapsedMs: number,
  chance: number,
) => number | undefined;

/** How delays grow, and when to give up. */
export interface BackoffOptions {
  /** The second delay, milliseconds; 100 if absent. */
  readonly baseMs?: number;
  /** The longest delay, milliseconds; 5,000 if absent. */
  readonly maxMs?: number;
  /** How many attempts there may be; any number if absent. */
  readonly attemptsMax?: number;
  /** No attempt begins later than this, milliseconds; whenever if absent. */
  readonly elapsedMsMax?: number;
}

/**
 * A delay that doubles, half of it drawn. The first retry does not wait: it is sent when there is a
 * connection again, and the client already waits between connections.
 *
 * @example
 * ```ts
 * import { backoff, retry } from "edgekeeper/client";
 *
 * const policy = backoff({ attemptsMax: 5, elapsedMsMax: 60_000 });
 * const { text } = await retry(zk, () => zk.get("/config"), { policy });
 * ```
 */
export function backoff({
  baseMs = 100,
  maxMs = 5_000,
  attemptsMax = Infinity,
  elapsedMsMax = Infinity,
}: BackoffOptions = {}): RetryPolicy {
  return (attempt, elapsedMs, chance) => {
    if (attempt >= attemptsMax) return undefined;
    const limitMs = attempt === 1 ? 0 : Math.min(maxMs, baseMs * 2 ** (attempt - 2));
    const delayMs = Math.ceil((limitMs / 2) * (1 + chance));
    return elapsedMs + delayMs > elapsedMsMax ? undefined : delayMs;
  };
}

/** How an operation is repeated. */
export interface RetryOptions {
  /** Goes on until the session is lost if absent. */
  readonly policy?: RetryPolicy | undefined;
  /** Ends it before the next attempt, with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** What repeating needs of a client. */
export interface RetrySource {
  readonly clock: Clock;
  readonly state: ConnectionState;
}

const UNTIL_LOST = backoff();

/**
 * Does something again while its outcome is unknown: after CONNECTIONLOSS and OPERATIONTIMEOUT, and
 * after nothing else. A session that is lost ends it with SESSIONEXPIRED.
 *
 * Only for what may happen twice: reads, deletes that take NONODE for done, writes of which only one
 * can succeed because they name a version, and then BADVERSION may mean that the first one did.
 * Creates have {@link protectedCreate}.
 *
 * @throws the last failure; the signal's reason.
 *
 * @example
 * ```ts
 * import { retry } from "edgekeeper/client";
 *
 * const { children } = await retry(zk, () => zk.children("/workers"));
 * ```
 */
export async function retry<T>(
  source: RetrySource,
  operation: () => Promise<T>,
  { policy = UNTIL_LOST, signal }: RetryOptions = {},
): Promise<T> {
  const { clock } = source;
  const startMs = clock.nowMs();
  for (let attempt = 1; ; attempt += 1) {
    signal?.throwIfAborted();
    try {
      return await operation();
    } catch (error) {
      const isUnknown = isKeeperError(error, Code.CONNECTIONLOSS, Code.OPERATIONTIMEOUT);
      if (!isUnknown || source.state === "closed") throw error;
      const delayMs = policy(attempt, clock.nowMs() - startMs, clock.random());
      if (delayMs === undefined) throw error;
      if (delayMs > 0) await pause(clock, delayMs, signal);
    }
  }
}

/**
 * Lets time pass. @throws the signal's reason, at once.
 *
 * @example
 * ```ts
 * import { pause } from "edgekeeper/client";
 *
 * await pause(zk.clock, 1_000, AbortSignal.timeout(500)); // throws after half a second
 * ```
 */
export async function pause(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  const { promise, resolve } = Promise.withResolvers<void>();
  const cancel = clock.after(delayMs, resolve);
  const onAbort = (): void => resolve();
  signal?.addEventListener("abort", onAbort);
  await promise;
  cancel();
  signal?.removeEventListener("abort", onAbort);
  signal?.throwIfAborted();
}
