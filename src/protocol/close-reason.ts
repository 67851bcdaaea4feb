/** The reason of a close frame has at most this many bytes. Source: RFC 6455 §5.5. */
const CLOSE_REASON_BYTES_MAX = 123;

const TEXT_ENCODER = new TextEncoder();
const TEXT_DECODER = new TextDecoder();

/** Cuts a reason to what a close frame holds, between two characters. */
export function cutReason(reason: string): string {
  const bytes = TEXT_ENCODER.encode(reason);
  if (bytes.length <= CLOSE_REASON_BYTES_MAX) return reason;
  const cut = TEXT_DECODER.decode(bytes.subarray(0, CLOSE_REASON_BYTES_MAX));
  return cut.replace(/\uFFFD+$/, "");
}

/** What a close without a code is reported as, and what must never be sent. RFC 6455 §7.4.1 */
const RESERVED_CODES: ReadonlySet<number> = new Set([1005, 1006, 1015]);
const NORMAL_CLOSURE = 1000;

/** The code to answer a close with: its own, unless that one must not be sent. */
export function answeredCode(code: number): number {
  return RESERVED_CODES.has(code) ? NORMAL_CLOSURE : code;
}
