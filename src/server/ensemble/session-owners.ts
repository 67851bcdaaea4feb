import type { SessionId } from "../../core/data-node.ts";
import type { Sid } from "../../zab/configuration.ts";

/** The instance of a member that serves a session. */
export interface Owner {
  readonly sid: Sid;
  readonly incarnation: number;
}

/**
 * Which member serves which session, as far as this leader knows.
 *
 * Neither logged nor kept: a new leader knows of none, and whoever comes first with a request of a
 * session is believed.
 *
 * Source: ZooKeeper `SessionTrackerImpl.checkSession`, `setOwner`.
 */
export class SessionOwners {
  readonly #owners = new Map<SessionId, Owner>();

  find(id: SessionId): Owner | undefined {
    return this.#owners.get(id);
  }

  /** Gives a session to `owner`, and returns who had it, if that was another one. */
  move(id: SessionId, owner: Owner): Owner | undefined {
    const former = this.#owners.get(id);
    this.#owners.set(id, owner);
    return former === undefined || isSame(former, owner) ? undefined : former;
  }

  /** Tells whether `owner` may speak for a session; one that nobody has becomes its own. */
  check(id: SessionId, owner: Owner): boolean {
    const known = this.#owners.get(id);
    if (known === undefined) this.#owners.set(id, owner);
    return known === undefined || isSame(known, owner);
  }

  forget(id: SessionId): void {
    this.#owners.delete(id);
  }

  clear(): void {
    this.#owners.clear();
  }
}

function isSame(a: Owner, b: Owner): boolean {
  return a.sid === b.sid && a.incarnation === b.incarnation;
}
