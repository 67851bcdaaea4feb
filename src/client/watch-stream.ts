import { Fifo } from "../core/fifo.ts";
import { Code } from "../core/keeper-error.ts";
import { type ConnectionState, isServed } from "./connection-state.ts";
import { isKeeperError, KeeperError } from "./keeper-error.ts";
import type { Watcher, WatchEvent } from "./watch-registry.ts";

/** Read again: while there was no connection things may have changed that no event tells of. */
export interface MissedEvents {
  readonly type: "Missed";
  readonly path: string;
}

/** What a stream needs of a client. */
export interface WatchStreamSource {
  readonly state: ConnectionState;
  addWatch(
    path: string,
    watcher: Watcher,
    options: { readonly recursive?: boolean },
  ): Promise<() => Promise<void>>;
  onState(listener: (state: ConnectionState) => void): () => void;
}

/** How a stream watches. */
export interface WatchStreamOptions {
  /** Also everything below. */
  readonly recursive?: boolean | undefined;
  /** Ends the stream, with its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Events that wait for a consumer; one more ends the stream. */
const WAITING_MAX = 100_000;

/**
 * The changes of a znode, one after the other, for `for await`.
 *
 * Leaving the loop ends the watch. A reconnect is told as {@link MissedEvents}, because a watch that
 * stays is not caught up by the server.
 *
 * @throws KeeperError when the client is closed, or its consumer falls 100,000 events behind; the
 *   signal's reason when it aborts.
 */
export async function* watchStream(
  source: WatchStreamSource,
  path: string,
  { recursive = false, signal }: WatchStreamOptions,
): AsyncGenerator<WatchEvent | MissedEvents, void, undefined> {
  signal?.throwIfAborted();
  const waiting = new Fifo<WatchEvent | MissedEvents>();
  let failure: { readonly reason: unknown } | undefined;
  let wake = Promise.withResolvers<void>();
  let wasServed = true;
  const push = (event: WatchEvent | MissedEvents): void => {
    if (waiting.length < WAITING_MAX) waiting.push(event);
    else failure ??= { reason: new KeeperError(Code.THROTTLEDOP, { path, message: TOO_SLOW }) };
    wake.resolve();
  };
  const onAbort = (): void => {
    failure ??= { reason: signal?.reason };
    wake.resolve();
  };
  const stopListening = source.onState((state) => {
    if (state === "closed") failure ??= { reason: new KeeperError(Code.SESSIONEXPIRED, { path }) };
    if (isServed(state) && !wasServed) push({ type: "Missed", path });
    wasServed = isServed(state);
    wake.resolve();
  });
  signal?.addEventListener("abort", onAbort);
  let isOver = false;
  let isWatching = false;
  const adding = addAnew(
    () => source.addWatch(path, push, { recursive }),
    () => isOver || source.state === "closed",
  );
  adding.then(
    () => (isWatching = true),
    (reason: unknown) => {
      failure ??= { reason };
      wake.resolve();
    },
  );
  try {
    for (;;) {
      if (failure !== undefined) throw failure.reason;
      const event = waiting.shift();
      if (event !== undefined) {
        yield event;
        continue;
      }
      await wake.promise;
      wake = Promise.withResolvers();
    }
  } finally {
    stopListening();
    signal?.removeEventListener("abort", onAbort);
    isOver = true;
    const ended = adding.then((stop) => stop()).catch(() => undefined);
    // Without a connection it may take long.
    if (isWatching) await ended;
  }
}

/** Adds a watch, again if the connection is lost meanwhile: that it is there twice is no harm. */
async function addAnew<T>(add: () => Promise<T>, isOver: () => boolean): Promise<T> {
  for (;;) {
    try {
      return await add();
    } catch (error) {
      const isLost = isKeeperError(error, Code.CONNECTIONLOSS, Code.SESSIONEXPIRED);
      if (!isLost || isOver()) throw error;
    }
  }
}

const TOO_SLOW = `expected the events to be read, saw ${WAITING_MAX} waiting`;
