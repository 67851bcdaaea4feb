import { assert } from "../core/assert.ts";
import type { SessionId } from "../core/data-node.ts";
import type { Connection } from "./connection.ts";
import type { ConnectionId } from "./input.ts";

/**
 * All connections, and which of them speak for a session.
 *
 * Invariant: at most one connection is bound to a session [SE6].
 */
export class Connections {
  readonly #byId = new Map<ConnectionId, Connection>();
  readonly #bySession = new Map<SessionId, Set<Connection>>();

  get count(): number {
    return this.#byId.size;
  }

  all(): Iterable<Connection> {
    return this.#byId.values();
  }

  find(id: ConnectionId): Connection | undefined {
    return this.#byId.get(id);
  }

  get(id: ConnectionId): Connection {
    const connection = this.#byId.get(id);
    assert(connection !== undefined, () => `no connection ${id}`);
    return connection;
  }

  /** Takes a connection in; one with a session is indexed under it. */
  add(connection: Connection): void {
    assert(!this.#byId.has(connection.id), `connection ${connection.id} exists`);
    this.#byId.set(connection.id, connection);
    if (connection.sessionRole !== "none") this.#index(connection);
  }

  /** Gives a connection its session; it keeps it to its end. */
  attach(
    connection: Connection,
    sessionId: SessionId,
    sessionRole: "bound" | "using" | "managing",
  ): void {
    assert(connection.sessionRole === "none", `connection ${connection.id} has a session`);
    connection.sessionId = sessionId;
    connection.sessionRole = sessionRole;
    this.#index(connection);
  }

  remove(connection: Connection): void {
    assert(this.#byId.delete(connection.id), `no connection ${connection.id}`);
    const peers = this.#bySession.get(connection.sessionId);
    peers?.delete(connection);
    if (peers?.size === 0) this.#bySession.delete(connection.sessionId);
  }

  /** The connections that speak for a session, in the order in which they came to it. */
  ofSession(sessionId: SessionId): Connection[] {
    return [...(this.#bySession.get(sessionId) ?? [])];
  }

  /** The connection that serves a session, if any. */
  findBound(sessionId: SessionId): Connection | undefined {
    return this.ofSession(sessionId).find(({ sessionRole }) => sessionRole === "bound");
  }

  #index(connection: Connection): void {
    const { sessionId, sessionRole } = connection;
    assert(
      sessionRole !== "bound" || this.findBound(sessionId) === undefined,
      `a second connection is bound to session ${sessionId}`,
    );
    const peers = this.#bySession.get(sessionId);
    if (peers === undefined) this.#bySession.set(sessionId, new Set([connection]));
    else peers.add(connection);
  }
}
