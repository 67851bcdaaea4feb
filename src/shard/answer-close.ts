/** What a close without a code is reported as, and what must never be sent. RFC 6455 §7.4.1 */
const RESERVED_CODES: ReadonlySet<number> = new Set([1005, 1006, 1015]);
const NORMAL_CLOSURE = 1000;

/**
 * Answers a close of the client's with its own code. Without it the client would see 1006: the
 * runtime answers by itself for sockets that don't hibernate only (seen at date 2026-11-01).
 */
export function answerClose(socket: WebSocket, code: number, reason: string): void {
  socket.close(RESERVED_CODES.has(code) ? NORMAL_CLOSURE : code, reason);
}
