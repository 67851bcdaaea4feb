import type { SessionId } from "../../core/data-node.ts";
import type { Sid } from "../../zab/configuration.ts";

/** The instance of a member that serves a session. */
export interface Owner {
  readonly sid: Sid;
  readonly incarnation: number;
}

interface Ownership {
  readonly owner: Owner;
  /** Instances that served it before: what still comes from them is late. */
  readonly former: ReadonlySet<number>;
}

/**
 * Which member serves which session, as far as this leader knows.
 *
 * Neither logged nor kept: a new leader knows of none, and whoever comes first with a request of a
 * session is believed. So is the next instance of its member, which may have slept with the socket
 * open; an earlier one is not.
 *
 * Source: ZooKeeper `SessionTrackerImpl.checkSession`, `setOwner`.
 */
export class SessionOwners {
  readonly #owners = new Map<SessionId, Ownership>();

  find(id: SessionId): Owner | undefined {
    return this.#owners.get(id)?.owner;
  }

  /** Gives a session to `owner`, and returns who had it, if that was another one. */
  move(id: SessionId, owner: Owner): Owner | undefined {
    const known = this.#owners.get(id);
    if (known !== undefined && isSame(known.owner, owner)) return undefined;
    const former = new Set(known?.former);
    if (known !== undefined) former.add(known.owner.incarnation);
    former.delete(owner.incarnation);
    this.#owners.set(id, { owner, former });
    return known?.owner;
  }

  /** Tells whether `owner` may speak for a session; one that nobody has becomes its own. */
  check(id: SessionId, owner: Owner): boolean {
    const known = this.#owners.get(id);
    if (known !== undefined && isSame(known.owner, owner)) return true;
    const isLate = known?.former.has(owner.incarnation) === true;
    if (known !== undefined && (known.owner.sid !== owner.sid || isLate)) return false;
    this.move(id, owner);
    return true;
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
