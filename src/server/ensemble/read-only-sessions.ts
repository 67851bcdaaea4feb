import type { SessionId } from "../../core/data-node.ts";
import type { Session } from "../../core/session.ts";

/**
 * Sessions that a member made while it had no quorum. No log and no other member knows of them; they
 * are there for the shape of the protocol, and end when a leader is found.
 *
 * Source: ZooKeeper `ReadOnlyZooKeeperServer.createSessionTracker`, `LocalSessionTracker`.
 */
export class ReadOnlySessions {
  readonly #sessions = new Map<SessionId, Session>();

  get count(): number {
    return this.#sessions.size;
  }

  find(id: SessionId): Session | undefined {
    return this.#sessions.get(id);
  }

  add(session: Session): void {
    this.#sessions.set(session.id, session);
  }

  remove(id: SessionId): void {
    this.#sessions.delete(id);
  }

  /** Keeps those that somebody still serves. */
  retain(isServed: (id: SessionId) => boolean): void {
    for (const id of this.#sessions.keys()) if (!isServed(id)) this.#sessions.delete(id);
  }

  clear(): void {
    this.#sessions.clear();
  }
}
