import {
  childPath,
  type Data,
  deleteQuietly,
  ensurePath,
  Code,
  isKeeperError,
  retry,
  uuid,
  type Zxid,
  type ZooKeeper,
} from "../client/index.ts";
import { GroupMembership } from "./group-membership.ts";
import type { AcquireOptions } from "./lock.ts";
import { Queue } from "./queue.ts";
import type { QueueClaim } from "./queue-claim.ts";
import type { RecipeOptions } from "./recipe-options.ts";

/** What a worker gets to do. */
export interface Task {
  readonly id: string;
  readonly data: string;
  /** The fencing token: larger for whoever takes the task over. */
  readonly token: Zxid;
  /** Aborts when somebody else may take the task over. */
  readonly lost: AbortSignal;
}

/**
 * Masters hand out tasks, workers do them, and the result comes back.
 *
 * A task is done at least once: when its worker dies somebody else does it. Its result is written
 * once, by whoever is first, and waits for the master, who deletes it when he has it; a master that
 * dies finds it by the id of the task. There may be any number of masters.
 *
 * @example
 * ```ts
 * import { MasterWorker } from "edgekeeper/recipes";
 *
 * const thumbnails = new MasterWorker(zk, "/thumbnails");
 * const working = thumbnails.work("w1", async ({ data, lost }) => {
 *   const { status } = await fetch(data, { signal: lost });
 *   return `${status}`;
 * });
 * const id = await thumbnails.submit("https://example.com/cat.jpg");
 * console.log(await thumbnails.result(id));
 * ```
 *
 * Source: ZooKeeper book by Junqueira and Reed, "Master-Worker", without assignment by a master.
 */
export class MasterWorker {
  readonly #zk: ZooKeeper;
  readonly #queue: Queue;
  readonly #results: string;
  readonly #workers: string;
  readonly #options: RecipeOptions;

  constructor(zk: ZooKeeper, path: string, options: RecipeOptions = {}) {
    this.#zk = zk;
    this.#options = options;
    this.#queue = new Queue(zk, childPath(path, "tasks"), options);
    this.#results = childPath(path, "results");
    this.#workers = childPath(path, "workers");
  }

  /** Hands a task out. @returns its id. */
  async submit(data: string, id: string = uuid()): Promise<string> {
    await this.#queue.put(JSON.stringify({ id, data }));
    return id;
  }

  /** Waits for the result of a task, and deletes it. @throws the signal's reason. */
  async result(id: string, options: AcquireOptions = {}): Promise<string> {
    const path = childPath(this.#results, id);
    await this.#zk.waitFor(path, undefined, options);
    const { text } = await retry(this.#zk, () => this.#zk.get(path));
    await deleteQuietly(this.#zk, path);
    return text;
  }

  /** Who works, by id. */
  workers(): GroupMembership {
    return new GroupMembership(this.#zk, this.#workers);
  }

  /**
   * Works until the signal aborts; a task that fails is given back, and ends this.
   *
   * @throws what `work` throws; KeeperError when the client is closed.
   */
  async work(
    id: string,
    work: (task: Task) => Promise<Data>,
    { signal }: AcquireOptions = {},
  ): Promise<void> {
    const { acl } = this.#options;
    await using _member = new GroupMembership(this.#zk, this.#workers, { id, acl });
    while (signal?.aborted !== true) {
      const claim = await this.#queue.take({ signal }).catch((error: unknown) => {
        if (signal?.aborted === true) return undefined;
        throw error;
      });
      if (claim === undefined) return;
      try {
        const { token, lost } = claim.hold;
        const task = JSON.parse(claim.text) as Pick<Task, "id" | "data">;
        await this.#answer(claim, task.id, await work({ ...task, token, lost }));
      } catch (error) {
        await claim.release();
        // Whoever takes it over answers for it.
        if (!isKeeperError(error, Code.SESSIONEXPIRED) || this.#zk.state === "closed") throw error;
      }
    }
  }

  /**
   * Writes a result as the task goes: whoever lost the task writes none, which the master, who has it
   * from another one, would never fetch.
   */
  async #answer(claim: QueueClaim, id: string, data: Data): Promise<void> {
    const { acl } = this.#options;
    await ensurePath(this.#zk, this.#results, { acl });
    try {
      await claim.complete((transaction) => {
        transaction.create(childPath(this.#results, id), data, { acl });
      });
    } catch (error) {
      if (!isKeeperError(error, Code.NODEEXISTS)) throw error;
      // Of another task that its master gave the same id.
      await claim.complete();
    }
  }
}
