/**
 * Texts that travel beside the messages of a WebSocket, in every subprotocol.
 *
 * Heartbeat: the client sends {@link PING}, the runtime answers {@link PONG} without waking the
 * shard. Acknowledgement: nothing on the platform tells how much a client has left unread, so
 * the shard sends `ack <n>` behind every part of what it sends, and the client sends the same
 * text back once it has read that far.
 */
export const PING = "ping";
export const PONG = "pong";

const ACK = /^ack (\d{1,16})$/;

/** Asks for, or gives, an acknowledgement of the first `unitsCount` UTF-16 units or bytes sent. */
export function formatAck(unitsCount: number): string {
  return `ack ${unitsCount}`;
}

/** Parses what {@link formatAck} prints; undefined for any other text. */
export function parseAck(text: string): number | undefined {
  // The regular expression is only run on the few texts that could be one.
  const digits = text.startsWith("ack ") ? ACK.exec(text)?.[1] : undefined;
  return digits === undefined ? undefined : Number(digits);
}
