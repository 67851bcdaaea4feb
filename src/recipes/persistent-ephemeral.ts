import {
  Code,
  type Data,
  deleteQuietly,
  ensurePath,
  isKeeperError,
  parentOf,
  retry,
  type ZooKeeper,
} from "../client/index.ts";
import { Interruption } from "./interruption.ts";
import type { RecipeOptions } from "./recipe-options.ts";
import { ignoreNoNode, inSession, leave, settledSoon } from "./wait-queue.ts";

/**
 * An ephemeral that is made again whenever it is gone: in the next session, and when somebody deletes
 * it. It says "I am here" for as long as its maker lives, and for one session timeout more.
 *
 * One that our own last session left is replaced at once; somebody else's is waited for.
 *
 * @example
 * ```ts
 * import { PersistentEphemeral } from "edgekeeper/recipes";
 *
 * await using here = new PersistentEphemeral(zk, "/workers/w1", "idle");
 * await here.ready;
 * await here.set("busy");
 * ```
 *
 * Source: Curator `PersistentNode`.
 */
export class PersistentEphemeral implements AsyncDisposable {
  readonly path: string;
  /** Resolves when it exists for the first time; rejects when it may not be made. */
  readonly ready: Promise<void>;
  readonly #zk: ZooKeeper;
  readonly #options: RecipeOptions;
  readonly #abort = new AbortController();
  readonly #running: Promise<void>;
  #data: Data;
  /** The session in which it was made last. */
  #madeIn: bigint | undefined;
  #isOurs = false;
  /** What looks after it now, or did last. */
  #keeping: Promise<void> = Promise.resolve();
  /** The data that it has, as far as we know. */
  #written: Data | undefined;
  #changed = Promise.withResolvers<void>();
  /** One for all looks: watches that have not fired do not add up. */
  readonly #wake = (): void => this.#changed.resolve();

  constructor(zk: ZooKeeper, path: string, data: Data = "", options: RecipeOptions = {}) {
    this.#zk = zk;
    this.#options = options;
    this.path = path;
    this.#data = data;
    const ready = Promise.withResolvers<void>();
    this.ready = ready.promise;
    // Not everybody waits for it.
    this.ready.catch(() => undefined);
    this.#running = this.#run(ready).catch(ready.reject);
  }

  /** Changes its data, here and whenever it is made again. */
  async set(data: Data): Promise<void> {
    this.#data = data;
    if (!this.#isOurs) return;
    try {
      await this.#write();
    } catch (error) {
      // It is made with these data as soon as there is a session.
      if (!isKeeperError(error, Code.NONODE, Code.SESSIONEXPIRED)) throw error;
    }
  }

  /** Deletes it, for good. */
  async close(): Promise<void> {
    if (this.#abort.signal.aborted) return;
    this.#abort.abort(new Error("the znode was given up"));
    this.#changed.resolve();
    await this.#running;
    await settledSoon(this.#zk, this.#remove());
  }

  /** Deletes it if it is ours, behind what may still make it. */
  async #remove(): Promise<void> {
    await this.#keeping.catch(() => undefined);
    const [zk, session] = [this.#zk, this.#madeIn];
    if (session === undefined) return;
    const stat = await retry(zk, () => inSession(zk, session, () => zk.exists(this.path)));
    if (stat?.ephemeralOwner === session) await leave(zk, this.path, session);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #run(ready: PromiseWithResolvers<void>): Promise<void> {
    using interruption = new Interruption(this.#zk, this.#abort.signal, "close");
    const stopListening = this.#zk.onState((state) => {
      if (state === "connected") this.#changed.resolve();
    });
    try {
      for (;;) {
        this.#changed = Promise.withResolvers();
        await interruption.raceAnew(() => (this.#keeping = this.#keep()));
        ready.resolve();
        await interruption.race(this.#changed.promise);
      }
    } finally {
      stopListening();
    }
  }

  /** Makes it where it is not there, and watches it. */
  async #keep(): Promise<void> {
    while (!this.#abort.signal.aborted) {
      const stat = await retry(this.#zk, () => this.#zk.exists(this.path, { watch: this.#wake }));
      this.#isOurs = stat !== undefined && stat.ephemeralOwner === this.#zk.sessionId;
      if (this.#isOurs) this.#madeIn = stat?.ephemeralOwner;
      if (this.#isOurs && this.#written === this.#data) return;
      if (this.#isOurs) {
        await this.#write().catch(ignoreNoNode);
        continue;
      }
      const isLeftOver = stat?.ephemeralOwner === this.#madeIn;
      if (stat !== undefined && !isLeftOver) {
        await this.#changed.promise;
        this.#changed = Promise.withResolvers();
        continue;
      }
      if (stat !== undefined) await deleteQuietly(this.#zk, this.path);
      await this.#create();
    }
  }

  /** In the session that made it only: the path may be somebody else's in another one. */
  async #write(): Promise<void> {
    const data = this.#data;
    const [zk, session] = [this.#zk, this.#madeIn];
    await retry(zk, () => inSession(zk, session, () => zk.set(this.path, data)));
    this.#written = data;
  }

  async #create(): Promise<void> {
    const { acl } = this.#options;
    try {
      this.#madeIn = this.#zk.sessionId;
      this.#written = this.#data;
      await retry(this.#zk, () => this.#zk.create(this.path, this.#data, { ephemeral: true, acl }));
    } catch (error) {
      if (isKeeperError(error, Code.NONODE))
        await ensurePath(this.#zk, parentOf(this.path), { acl });
      else if (!isKeeperError(error, Code.NODEEXISTS)) throw error;
    }
  }
}
