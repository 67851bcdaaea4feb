/**
 * What a client can rely on, in the words of Curator and kazoo.
 *
 *     connecting → connected ⇄ suspended → lost → connected …
 *                              ⇅ readOnly    closed: from everywhere, for good
 *
 * - `connecting`: there never was a session yet.
 * - `connected`: the session lives, and so does what belongs to it.
 * - `suspended`: the connection is gone. The session may live or not: whoever holds a lock or leads
 *   must not act as if he did.
 * - `readOnly`: a server without a quorum answers reads; only with `canBeReadOnly`. As at `suspended`,
 *   nobody can say whether the session lives. A server with a quorum is looked for.
 * - `lost`: the session is over, by the server's word or because its timeout has passed without a
 *   connection; its ephemerals are, or will be, gone. A new session follows by itself.
 * - `closed`: from the call of `close()` on, or because the server refused our identity.
 *
 * Source: Curator `ConnectionState`, kazoo `KazooState`.
 */
export type ConnectionState =
  | "connecting"
  | "connected"
  | "suspended"
  | "readOnly"
  | "lost"
  | "closed";

/** Whether there is a server that answers, with a quorum or without. */
export function isServed(state: ConnectionState): boolean {
  return state === "connected" || state === "readOnly";
}
