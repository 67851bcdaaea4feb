import type { Zxid } from "../core/zxid.ts";
import type { History, SnapshotSlice } from "../zab/history.ts";
import type { LogRow } from "../zab/log-row.ts";
import { readSnapshot } from "./snapshot-sender.ts";
import type { Store } from "./store.ts";

/** A store as replication sees it: the log of its member, and snapshots of its checkpoint. */
export class StoreHistory implements History {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  get lastZxid(): Zxid {
    return this.#store.log.lastZxid;
  }

  get trimmedZxid(): Zxid {
    return this.#store.log.trimmedZxid;
  }

  read(after: Zxid, bytesMax: number): LogRow[] {
    return this.#store.log.read(after, bytesMax);
  }

  batchEndAtOrBefore(zxid: Zxid): Zxid | undefined {
    return this.#store.log.batchEndAtOrBefore(zxid);
  }

  readSnapshot(cursor: string, bytesMax: number): SnapshotSlice {
    return readSnapshot(this.#store, cursor, bytesMax);
  }

  get stagedCursor(): string {
    return this.#store.stagedCursor() ?? "";
  }
}
