import type { Identity } from "../core/identity.ts";
import type { Outcome } from "../core/keeper-error.ts";
import type { SessionId } from "../core/data-node.ts";
import type { SavedWatches } from "../core/watch-manager.ts";
import type { ConnectionSnapshot } from "./connection-snapshot.ts";
import type { Effect } from "./effect.ts";
import type { ConnectionId, Input } from "./input.ts";
import type { ServerOptions } from "./server-options.ts";
import type { ServerStatus, SessionDescription } from "./status.ts";

/**
 * A ZooKeeper server without a runtime: inputs in, effects out.
 *
 * Life: `new`, then {@link restoreConnection} for every socket that outlived the last instance,
 * then {@link start} once, then {@link step} for whatever happens. Effects are taken after each
 * input or after several, and run in the order given, in the same turn.
 *
 * A turn of the shard, standalone:
 *
 *     step(request)*                         any number, from any connections
 *     while (server.wantsFlush) {
 *       step(flush) → effect append(rows)    run it: store.log.append(rows)
 *       step(persisted, z), step(committed, z)    z = the last row's lastZxid
 *     }
 *     run the other effects; set the alarm to nextWakeMs(); a timer to checkpointDueMs()
 *
 * An exception that leaves any method is a broken invariant: abort the object, recover from the log.
 */
export declare class ZooKeeperServer {
  /** Replays the committed log behind the checkpoint, so that the tables are the tree at its end. */
  constructor(options: ServerOptions);

  /** Makes a hibernated connection known again. Before {@link start}; no effects. */
  restoreConnection(connection: ConnectionId, snapshot: ConnectionSnapshot): void;

  /**
   * Decides which sessions outlived the time without an instance (DESIGN §5). Once, before the
   * first {@link step}.
   *
   * @param at.alarmAtMs - the alarm that was set when the last instance ended, if any: when it is
   * more than two ticks ago, the platform was out and sessions are not to blame.
   */
  start(at: { readonly nowMs: number; readonly alarmAtMs?: number | undefined }): void;

  /** Takes in what happened, to its end. */
  step(input: Input): void;

  /** Hands over what is to be done since the last call, in order. */
  takeEffects(): Effect[];

  /** Prepared txns wait for a `flush` input; also true after ticks and commits that made some. */
  get wantsFlush(): boolean;

  /**
   * When a `tick` is wanted, ms since 1970: the earliest session deadline or reap date; undefined
   * when neither exists. The shard keeps one alarm there.
   */
  nextWakeMs(): number | undefined;

  /**
   * When {@link checkpoint} is wanted, ms since 1970: 0 = now, because much is dirty; otherwise a
   * second after the last write; undefined when nothing is dirty.
   */
  checkpointDueMs(): number | undefined;

  /** Writes the tables at the last zxid applied, and trims the log. */
  checkpoint(nowMs: number): void;

  /** What to keep with the socket: ask after each `changed` effect, at most once per flush. */
  connectionState(connection: ConnectionId): ConnectionSnapshot;
  connectionWatches(connection: ConnectionId): SavedWatches;

  /** Looks at a session: by its password, or as admin. Touches nothing. */
  describeSession(
    asker: { readonly identity: Identity; readonly password?: Uint8Array },
    id: SessionId,
    nowMs: number,
  ): Outcome<SessionDescription>;

  /** Numbers at this moment. */
  status(): ServerStatus;
}
