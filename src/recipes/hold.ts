import {
  Code,
  type Created,
  isKeeperError,
  KeeperError,
  retry,
  type Transaction,
  type ZooKeeper,
  type Zxid,
} from "../client/index.ts";
import { inSession, leave } from "./wait-queue.ts";

/** What becomes of a hold while the connection is away. */
export interface HoldOptions {
  /**
   * `lose`, the default: it is lost, because nobody can say whether the session still lives.
   * `keep`: it is lost only with the session; then the resource has to check tokens.
   */
  readonly onSuspension?: "lose" | "keep";
}

/** What asks a holder to let go, as its data. Source: Curator `Revoker`. */
export const REVOKE = "__REVOKE__";

/**
 * Something that is held as long as an ephemeral znode of ours exists: a lock, a lease, leadership.
 *
 * {@link lost} aborts as soon as this client cannot vouch for it any more: pass it to whatever is
 * done under the hold. A process that was paused hears of it late; only a resource that compares
 * {@link token}s is safe from that.
 *
 * @example
 * ```ts
 * import { Lock } from "edgekeeper/recipes";
 *
 * await using held = await new Lock(zk, "/locks/printer").acquire();
 * await fetch("https://printer.example.com/jobs", {
 *   method: "POST",
 *   headers: { "fencing-token": String(held.token) },
 *   signal: held.lost,
 * });
 * ```
 */
export class Hold implements AsyncDisposable {
  readonly #held: HeldZnode;
  #isReleased = false;

  constructor(held: HeldZnode) {
    this.#held = held;
  }

  /** The znode that stands for it. */
  get path(): string {
    return this.#held.path;
  }

  /** The fencing token: larger than that of everybody who held this before. The znode's czxid. */
  get token(): Zxid {
    return this.#held.token;
  }

  /**
   * Aborts when it is lost: with CONNECTIONLOSS on suspension, SESSIONEXPIRED with the session, NONODE
   * when somebody deleted the znode. Not when it is released.
   */
  get lost(): AbortSignal {
    return this.#held.lost;
  }

  /** Aborts when somebody asks to let go; nothing else happens by itself. */
  get revoked(): AbortSignal {
    return this.#held.revoked;
  }

  /** Whether it is held, as far as this client knows. */
  get isHeld(): boolean {
    return !this.#isReleased && this.#held.isHeld;
  }

  /** The same hold once more, for inner code: it is let go when all of them are released. */
  reenter(): Hold {
    this.#held.users += 1;
    return new Hold(this.#held);
  }

  /**
   * Starts a transaction that fails with NONODE unless the hold still exists when it is carried out:
   * its first operation checks that. Safe for a holder who was paused, without any token.
   */
  transaction(): Transaction {
    return this.#held.zk.transaction().check(this.path);
  }

  /**
   * Asks for something only while the session that holds this lives.
   *
   * @throws KeeperError SESSIONEXPIRED when it is over.
   */
  inSession<T>(operation: () => Promise<T>): Promise<T> {
    return inSession(this.#held.zk, this.#held.session, operation);
  }

  /** Lets go; resolves when the znode is gone, or its session. */
  async release(): Promise<void> {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#held.users -= 1;
    if (this.#held.users === 0) await this.#held.release();
  }

  /** Lets go of what a transaction of ours has deleted: asks for nothing. */
  forget(): void {
    this.#isReleased = true;
    this.#held.forget();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }
}

/** An ephemeral of this session, and what happens to it; shared by all who reentered. */
class HeldZnode {
  readonly zk: ZooKeeper;
  readonly path: string;
  readonly token: Zxid;
  /** The one whose ephemeral it is. */
  readonly session: bigint;
  users = 1;
  readonly #lost = new AbortController();
  readonly #revoked = new AbortController();
  readonly #stopListening: () => void;
  #isReleased = false;

  constructor(zk: ZooKeeper, { path, stat }: Created, { onSuspension = "lose" }: HoldOptions) {
    this.zk = zk;
    this.path = path;
    this.token = stat.czxid;
    this.session = stat.ephemeralOwner;
    const check = (): void => {
      const isOpen = zk.state === "suspended" || zk.state === "readOnly";
      if (isOpen && onSuspension === "lose") this.#lose(Code.CONNECTIONLOSS);
      else if (!isOpen && zk.state !== "connected") this.#lose(Code.SESSIONEXPIRED);
    };
    this.#stopListening = zk.onState(check);
    check();
    if (this.session !== zk.sessionId) this.#lose(Code.SESSIONEXPIRED);
    void this.#look();
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  get isHeld(): boolean {
    return !this.#isReleased && !this.lost.aborted;
  }

  get revoked(): AbortSignal {
    return this.#revoked.signal;
  }

  forget(): void {
    this.#isReleased = true;
    this.#stopListening();
  }

  async release(): Promise<void> {
    if (this.#isReleased) return;
    this.forget();
    // Somebody deleted it: what may be there now is another one's.
    if (isKeeperError(this.lost.reason, Code.NONODE)) return;
    await leave(this.zk, this.path, this.session);
  }

  /** Looks whether it is still there, and what it says; and again after each change. */
  async #look(): Promise<void> {
    if (this.#isReleased || this.lost.aborted) return;
    try {
      const { text, stat } = await retry(this.zk, () =>
        this.zk.get(this.path, { watch: () => void this.#look() }),
      );
      // Deleted, and made again by somebody else before we looked.
      if (stat.czxid !== this.token) this.#lose(Code.NONODE);
      else if (text === REVOKE) this.#revoked.abort();
    } catch (error) {
      // A session that is over says so itself.
      if (isKeeperError(error, Code.NONODE)) this.#lose(Code.NONODE);
    }
  }

  #lose(code: Code): void {
    if (this.#isReleased || this.lost.aborted) return;
    this.#lost.abort(
      new KeeperError(code, { path: this.path, message: "it is not held any more" }),
    );
  }
}

/** Takes hold of an ephemeral of ours. */
export function hold(zk: ZooKeeper, created: Created, options: HoldOptions): Hold {
  return new Hold(new HeldZnode(zk, created, options));
}
