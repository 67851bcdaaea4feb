import type { Code } from "../core/keeper-error.ts";

/**
 * The way to one server: bytes in both directions, and a heartbeat.
 *
 * A transport that was closed, by either side, says so once, by {@link TransportListener.closed},
 * and nothing behind it.
 */
export interface Transport {
  /** Sends whole frames. Before the transport is open they wait. */
  send(frames: Uint8Array): void;
  /** Asks whether the server lives; answered by {@link TransportListener.pong}. */
  ping(): void;
  /** Closes; frames that were sent still leave. */
  close(): void;
}

/** Who hears of a {@link Transport}. */
export interface TransportListener {
  /** Frames may be sent. */
  opened(): void;
  /** Bytes came, cut anywhere. The listener may keep them. */
  received(bytes: Uint8Array): void;
  pong(): void;
  /**
   * It is over. `reason` says why, for humans; `refusal` is the code of a door that lets us in neither
   * now nor later.
   */
  closed(reason: string, refusal?: Code): void;
}

/** Opens a transport to a server. Never throws: what goes wrong is told by `closed`, later. */
export type Dial = (server: string, listener: TransportListener) => Transport;
