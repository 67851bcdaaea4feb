import type { ClientConnection } from "../client-connection.ts";
import type { ConnectionId } from "../input.ts";
import type { ZooKeeperServer } from "../zookeeper-server.ts";
import type { Store } from "../../storage/store.ts";
import type { Sid } from "../../zab/configuration.ts";
import type { MemberPacket } from "./member-message.ts";
import type { Peer } from "./peer.ts";

/** What a member of an ensemble is made from. */
export interface EnsembleRunnerOptions {
  readonly sid: Sid;
  /** Drawn at each start: the same that the peer got. */
  readonly incarnation: number;
  readonly store: Store;
  /** A `QuorumPeer`. */
  readonly peer: Peer;
  /**
   * Makes a server over the store, with `ServerOptions.member`; not started. Called by the
   * constructor, and again whenever a snapshot replaced the tables.
   */
  makeServer(): ZooKeeperServer;
  /** Sends everything of a flush to one member. What it writes before is durable when this leaves. */
  send(to: Sid, packets: readonly MemberPacket[]): void;
}

/**
 * Does what a server and its peer want done in an ensemble, on behalf of whoever owns transports,
 * clock and network. The sibling of `StandaloneRunner`; pure and synchronous.
 *
 * Life: `new`, `server.restoreConnection` for sockets that outlived the last instance, {@link start}
 * once, then whatever happens: inputs by `server.step`, packets by {@link receive}, time by
 * {@link tick}; each followed by {@link flush} (`receive`, `tick` and `unreachable` flush themselves).
 */
export class EnsembleRunner {
  /** The owner of the transports adds to it; the runner takes out what is closed. */
  readonly connections: Map<ConnectionId, ClientConnection> = new Map();
  readonly #options: EnsembleRunnerOptions;
  #server: ZooKeeperServer;

  constructor(options: EnsembleRunnerOptions) {
    this.#options = options;
    this.#server = options.makeServer();
  }

  /** The server of now: a snapshot replaces it, so it must not be kept. */
  get server(): ZooKeeperServer {
    return this.#server;
  }

  /** Begins: the server waits for the first word of the peer about its role. */
  start(at: { readonly nowMs: number; readonly alarmAtMs?: number | undefined }): void {
    this.#server.start(at);
    this.flush(at.nowMs);
  }

  /**
   * Takes in what another member sent, does what is due, and returns what goes back to it at once,
   * as the answer to its call. Everything else leaves by `send`.
   */
  receive(_from: Sid, _packets: readonly MemberPacket[], nowMs: number): MemberPacket[] {
    this.flush(nowMs);
    return [];
  }

  /** A call of another member failed. */
  unreachable(sid: Sid, nowMs: number): void {
    this.#options.peer.unreachable(sid, nowMs);
    this.flush(nowMs);
  }

  /** Time passed. May come early, late, or twice. */
  tick(nowMs: number): void {
    this.#options.peer.tick(nowMs);
    this.#server.step({ type: "tick", nowMs });
    this.flush(nowMs);
  }

  /** When {@link tick} is wanted, ms since 1970; undefined while the member may sleep for ever. */
  nextTickMs(): number | undefined {
    const wakeMs = Math.min(
      this.#options.peer.nextTickMs() ?? Infinity,
      this.#server.nextWakeMs() ?? Infinity,
    );
    return wakeMs === Infinity ? undefined : wakeMs;
  }

  /** Runs everything that is due, to its end, then sends each connection and each member one message. */
  flush(_nowMs: number): void {}
}
