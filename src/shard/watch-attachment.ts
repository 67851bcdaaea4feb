import type { WatchSnapshot } from "../core/watch-manager.ts";
import type { ConnectionSnapshot } from "../server/connection-snapshot.ts";
import type { ConnectionId } from "../server/input.ts";
import type { Store } from "../storage/store.ts";

/** The platform's limit for an attachment, bytes; a longer one is refused with an exception. */
const ATTACHMENT_BYTES_MAX = 16_384;

/** Room for what surrounds the two variable parts in the serialized attachment, bytes. */
const ATTACHMENT_OVERHEAD_BYTES = 384;

/** How long watches that overflow may lag behind in the store, milliseconds. */
const OVERFLOW_LAG_MS = 1_000;

/** Which connections have a row: without it, rows of sockets that a crash dropped would stay. */
const OVERFLOW_INDEX_KEY = "watches";

const TEXT_ENCODER = new TextEncoder();
const TEXT_DECODER = new TextDecoder();

/**
 * What a socket carries through hibernation. Watches are a part of their own, so that a start
 * needn't decode them; null: they are too many for here and in the store.
 */
export interface Attachment extends Omit<Kept, "watches"> {
  readonly version: 1;
  readonly connection: ConnectionId;
  readonly watches: Uint8Array | null;
}

/** What is kept of a connection, asked for when it is written. */
export interface Kept {
  readonly snapshot: ConnectionSnapshot;
  readonly watches: WatchSnapshot;
  readonly subprotocol: string;
  /** In the middle of a frame, whose first half goes with the instance. */
  readonly isCut: boolean;
}

/**
 * Keeps connections with their hibernating sockets: in the attachment, which the platform holds in
 * memory and which dies with the socket; watches that don't fit there in a row of the store.
 *
 * A row is rewritten at most once a second. Until then the shard is not idle, and only an idle
 * one hibernates; a crash drops the socket and with it the need for either.
 */
export class WatchAttachment {
  readonly #store: Pick<Store, "getMeta" | "setMeta">;
  readonly #overflowing = new Set<ConnectionId>();
  /** Rows to rewrite, by what gives their newest content. */
  readonly #stale = new Map<ConnectionId, () => void>();
  #dueMs: number | undefined;

  constructor(store: Pick<Store, "getMeta" | "setMeta">) {
    this.#store = store;
  }

  /** When {@link writeOverflow} is wanted, ms since 1970; undefined if nothing waits for it. */
  get dueMs(): number | undefined {
    return this.#dueMs;
  }

  /** Reads what a socket carries; undefined if that is nothing of ours. */
  static read(socket: WebSocket): Attachment | undefined {
    const attachment = socket.deserializeAttachment() as Attachment | null;
    return attachment?.version === 1 ? attachment : undefined;
  }

  /** Takes up the rows of the last instance and drops those whose sockets are gone. */
  restore(attachments: readonly Attachment[]): void {
    const index = this.#store.getMeta(OVERFLOW_INDEX_KEY);
    if (index === undefined) return;
    const rows = JSON.parse(TEXT_DECODER.decode(index)) as ConnectionId[];
    const kept = attachments.filter(({ watches }) => watches === null);
    for (const { connection } of kept) this.#overflowing.add(connection);
    const dropped = rows.filter((connection) => !this.#overflowing.has(connection));
    for (const connection of dropped) this.#store.setMeta(rowKey(connection), undefined);
    if (dropped.length > 0) this.#writeIndex();
  }

  /** The watches of a restored connection; undefined if it had none. */
  load({ connection, watches }: Attachment): WatchSnapshot | undefined {
    const bytes = watches ?? this.#store.getMeta(rowKey(connection));
    if (bytes === undefined || bytes.length === 0) return undefined;
    return JSON.parse(TEXT_DECODER.decode(bytes)) as WatchSnapshot;
  }

  /** Keeps a connection with its socket: at once, or for watches that overflow within a second. */
  save(socket: WebSocket, connection: ConnectionId, nowMs: number, kept: () => Kept): void {
    if (this.#overflowing.has(connection)) {
      this.#stale.set(connection, () => this.#write(socket, connection, kept()));
      this.#dueMs ??= nowMs + OVERFLOW_LAG_MS;
      return;
    }
    this.#write(socket, connection, kept());
  }

  /** Rewrites the rows that lag behind. */
  writeOverflow(): void {
    this.#dueMs = undefined;
    for (const write of this.#stale.values()) write();
    this.#stale.clear();
  }

  /** Forgets a connection that ended, also if its socket lingers through a hibernation. */
  forget(socket: WebSocket, connection: ConnectionId): void {
    this.#stale.delete(connection);
    this.#setOverflowing(connection, false);
    socket.serializeAttachment(null);
  }

  #write(socket: WebSocket, connection: ConnectionId, { watches, ...rest }: Kept): void {
    const bytes = encodeWatches(watches);
    // A string costs at most two bytes a unit in the platform's serialization.
    const room = ATTACHMENT_BYTES_MAX - ATTACHMENT_OVERHEAD_BYTES - 2 * JSON.stringify(rest).length;
    const isFitting = bytes.length <= room;
    if (!isFitting) this.#store.setMeta(rowKey(connection), bytes);
    this.#setOverflowing(connection, !isFitting);
    const kept = isFitting ? bytes : null;
    const attachment: Attachment = { version: 1, connection, ...rest, watches: kept };
    socket.serializeAttachment(attachment);
  }

  #setOverflowing(connection: ConnectionId, isOverflowing: boolean): void {
    if (this.#overflowing.has(connection) === isOverflowing) return;
    if (isOverflowing) this.#overflowing.add(connection);
    else {
      this.#overflowing.delete(connection);
      this.#store.setMeta(rowKey(connection), undefined);
    }
    this.#writeIndex();
  }

  #writeIndex(): void {
    const isEmpty = this.#overflowing.size === 0;
    const index = isEmpty ? undefined : TEXT_ENCODER.encode(JSON.stringify([...this.#overflowing]));
    this.#store.setMeta(OVERFLOW_INDEX_KEY, index);
  }
}

function rowKey(connection: ConnectionId): string {
  return `watches/${connection}`;
}

/** No bytes for no watches: what most connections have. */
function encodeWatches(watches: WatchSnapshot): Uint8Array {
  const isEmpty = Object.values(watches).every((paths: readonly string[]) => paths.length === 0);
  return isEmpty ? new Uint8Array(0) : TEXT_ENCODER.encode(JSON.stringify(watches));
}
