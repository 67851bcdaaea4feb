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
