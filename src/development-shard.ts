import type { Sid } from "./zab/configuration.ts";
import type { Envelope, Exchanged } from "./shard/shard-api.ts";
import { Shard } from "./shard/shard.ts";

/** What a developer did to a member; kept with the object, because it may be evicted any time. */
const KEY = "development";

interface Trouble {
  readonly isStopped: boolean;
  /** Members that it can't talk to. */
  readonly cut: readonly Sid[];
}

const NO_TROUBLE: Trouble = { isStopped: false, cut: [] };

/**
 * The shard of local development, whose members can be stopped and cut off from each other: to
 * everybody else such a member is an object that can't be reached. Never in a deployment.
 */
export class DevelopmentShard extends Shard {
  /** Stops the member as if its machine were gone: what it has in memory is lost. */
  async stop(): Promise<void> {
    await this.#set({ ...this.#trouble, isStopped: true });
    // Its answer has to leave before.
    setTimeout(() => this.ctx.abort("stopped for development"), 0);
  }

  /** Lets it take part again; one that is looking for a leader begins at once. */
  async start(): Promise<void> {
    await this.#set({ ...this.#trouble, isStopped: false });
    super.alarm();
  }

  override alarm(info?: AlarmInvocationInfo): void {
    // One that is missed is made up for by the start.
    if (!this.#trouble.isStopped) super.alarm(info);
  }

  /** Cuts the link to another member, or heals it. Both ends have to. */
  async link(other: Sid, isCut: boolean): Promise<void> {
    const cut = this.#trouble.cut.filter((sid) => sid !== other);
    await this.#set({ ...this.#trouble, cut: isCut ? [...cut, other] : cut });
  }

  override async exchange(envelope: Envelope): Promise<Exchanged> {
    if (this.#trouble.cut.includes(envelope.from)) throw new Error("this link is cut");
    return super.exchange(envelope);
  }

  protected override admit(): void {
    if (this.#trouble.isStopped) throw new Error("this member is stopped");
  }

  get #trouble(): Trouble {
    return this.ctx.storage.kv.get<Trouble>(KEY) ?? NO_TROUBLE;
  }

  async #set(trouble: Trouble): Promise<void> {
    this.ctx.storage.kv.put(KEY, trouble);
    await this.ctx.storage.sync();
  }
}
