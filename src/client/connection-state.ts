/**
 * What a client can rely on, in the words of Curator and kazoo.
 *
 *     connecting → connected ⇄ suspended → lost → connected …
 *                                   closed: from everywhere, for good
 *
 * - `connecting`: there never was a session yet.
 * - `connected`: the session lives, and so does what belongs to it.
 * - `suspended`: the connection is gone. The session may live or not: whoever holds a lock or leads
 *   must not act as if he did.
 * - `lost`: the session is over, by the server's word or because its timeout has passed without a
 *   connection; its ephemerals are, or will be, gone. A new session follows by itself.
 * - `closed`: by `close()`, or because the server refused our identity.
 *
 * Source: Curator `ConnectionState`, kazoo `KazooState`.
 */
export type ConnectionState = "connecting" | "connected" | "suspended" | "lost" | "closed";
