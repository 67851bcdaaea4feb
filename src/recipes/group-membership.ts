import { childPath, type Data, type ZooKeeper } from "../client/index.ts";
import { ChildrenCache } from "./children-cache.ts";
import { PersistentEphemeral } from "./persistent-ephemeral.ts";
import type { RecipeOptions } from "./recipe-options.ts";

/** Members by their ids, with their data as text. */
export type Members = ReadonlyMap<string, string>;

/** Who joins a group. */
export interface Self extends RecipeOptions {
  /** Unlike all others. */
  readonly id: string;
  readonly data?: Data;
}

/**
 * Who is there: members that come and go with their sessions.
 *
 * A member that dies is in the list until his session ends; one that is suspended stays in it, and
 * one whose session is lost comes back with the next. The list is a little behind.
 *
 * @example
 * ```ts
 * import { GroupMembership } from "edgekeeper/recipes";
 *
 * const self = { id: "w1", data: "10.0.0.7:8080" };
 * await using group = new GroupMembership(zk, "/workers", self, (members) => {
 *   console.log([...members.keys()]);
 * });
 * await group.ready;
 * ```
 *
 * Source: Curator `GroupMember`, with the same znodes; ZooKeeper recipes, "Group Membership".
 */
export class GroupMembership implements AsyncDisposable {
  /** Resolves when one has joined and knows the others. */
  readonly ready: Promise<void>;
  readonly #self: PersistentEphemeral | undefined;
  readonly #others: ChildrenCache;

  /** @param self - who joins; who only looks leaves it out. */
  constructor(zk: ZooKeeper, path: string, self?: Self, onChange?: (members: Members) => void) {
    this.#self = self && new PersistentEphemeral(zk, childPath(path, self.id), self.data, self);
    this.#others = new ChildrenCache(zk, path, () => onChange?.(this.members));
    this.ready = this.#join();
    // Not everybody waits for it.
    this.ready.catch(() => undefined);
  }

  /** Who is there, by id. */
  get members(): Members {
    return new Map([...this.#others.children].map(([id, { text }]) => [id, text]));
  }

  /** Changes what the others see. */
  async setData(data: Data): Promise<void> {
    await this.#self?.set(data);
  }

  /** Leaves. */
  async close(): Promise<void> {
    await Promise.all([this.#self?.close(), this.#others.close()]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #join(): Promise<void> {
    await Promise.all([this.#self?.ready, this.#others.ready]);
  }
}
