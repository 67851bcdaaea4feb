import { Code } from "../core/keeper-error.ts";
import type { NativeStat } from "../protocol/jute/decode-reply.ts";
import type { ConnectionState } from "./connection-state.ts";
import { isKeeperError, KeeperError } from "./keeper-error.ts";
import type { Watcher } from "./watch-registry.ts";

/** What waiting needs of a client. */
export interface WaitSource {
  readonly state: ConnectionState;
  exists(path: string, options: { readonly watch: Watcher }): Promise<NativeStat | undefined>;
  onState(listener: (state: ConnectionState) => void): () => void;
}

/** Lets go of a wait. */
export interface WaitOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * Waits until a znode is as wanted: looks, and looks again after each change.
 *
 * Goes on over lost connections and lost sessions.
 *
 * @param isWanted - asked about the Stat, undefined where there is no such znode.
 * @throws the signal's reason; KeeperError when the client is closed or may not look.
 */
export async function waitFor(
  source: WaitSource,
  path: string,
  isWanted: (stat: NativeStat | undefined) => boolean,
  { signal }: WaitOptions = {},
): Promise<NativeStat | undefined> {
  signal?.throwIfAborted();
  const stopped = Promise.withResolvers<never>();
  // Looked at only while something is waited for.
  stopped.promise.catch(() => undefined);
  const stopListening = source.onState((state) => {
    if (state === "closed") stopped.reject(new KeeperError(Code.SESSIONEXPIRED, { path }));
  });
  const onAbort = (): void => stopped.reject(signal?.reason as Error);
  signal?.addEventListener("abort", onAbort);
  try {
    for (;;) {
      const changed = Promise.withResolvers<void>();
      const stat = await Promise.race([look(source, path, changed.resolve), stopped.promise]);
      if (stat === LOST) continue;
      if (isWanted(stat)) return stat;
      await Promise.race([changed.promise, stopped.promise]);
    }
  } finally {
    stopListening();
    signal?.removeEventListener("abort", onAbort);
  }
}

/** The connection was lost while looking: look again. */
const LOST = Symbol("lost");

async function look(
  source: WaitSource,
  path: string,
  watch: () => void,
): Promise<NativeStat | undefined | typeof LOST> {
  try {
    return await source.exists(path, { watch });
  } catch (error) {
    const isLost = isKeeperError(error, Code.CONNECTIONLOSS, Code.SESSIONEXPIRED);
    if (isLost && source.state !== "closed") return LOST;
    throw error;
  }
}
