import { assert } from "../core/assert.ts";
import type { WriteRequest } from "../core/request.ts";
import type { QueuedRequest } from "./connection.ts";
import type { ForwardKey } from "./ensemble/forwarded-streams.ts";
import type { ConnectionId } from "./input.ts";

/** A retry that waits for the first request with its key: of a connection here, or of a learner's. */
export type Retry =
  | {
      readonly type: "queued";
      readonly connection: ConnectionId;
      readonly queued: QueuedRequest;
    }
  | { readonly type: "forwarded"; readonly key: ForwardKey; readonly request: WriteRequest };

/**
 * Idempotency keys of writes that are prepared and not applied, with the retries that came while
 * they were. Once a write is applied its outcome is in the tables, under its key.
 */
export class PendingKeys {
  readonly #retries = new Map<string, Retry[]>();

  has(key: string): boolean {
    return this.#retries.has(key);
  }

  /** Notes that the first write with `key` was prepared. */
  open(key: string): void {
    assert(!this.#retries.has(key), "a second write with the same idempotency key was prepared");
    this.#retries.set(key, []);
  }

  /** Lets a retry wait for the first write. */
  join(key: string, retry: Retry): void {
    const retries = this.#retries.get(key);
    assert(retries !== undefined, "a retry waits for a write that was not prepared");
    retries.push(retry);
  }

  /** The write with `key` is applied, or never will be: hands over who waits for it. */
  settle(key: string): Retry[] {
    const retries = this.#retries.get(key) ?? [];
    this.#retries.delete(key);
    return retries;
  }
}
