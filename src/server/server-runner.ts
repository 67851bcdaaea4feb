import type { ClientConnection } from "./client-connection.ts";
import type { ConnectionId } from "./input.ts";
import type { ZooKeeperServer } from "./zookeeper-server.ts";

/**
 * Who does what a server wants done, on behalf of whoever owns transports and clock: alone, or as a
 * member of an ensemble.
 */
export interface ServerRunner {
  /** The owner of the transports adds to it; the runner takes out what is closed. */
  readonly connections: Map<ConnectionId, ClientConnection>;
  /** The server of now: it may be replaced, so it must not be kept. */
  readonly server: ZooKeeperServer;
  /** Begins, once, before anything else happens; see {@link ZooKeeperServer.start}. */
  start(at: { readonly nowMs: number; readonly alarmAtMs?: number | undefined }): void;
  /** Runs everything that is due, to its end, then sends each connection one message. */
  flush(nowMs: number): void;
}
