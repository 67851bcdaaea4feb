/** What a packet of the leader asks for: nothing, an ACK, or what is here, because it did not fit. */
export type Answer = "none" | "ack" | "info";
