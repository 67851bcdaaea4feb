const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder("utf-8", { ignoreBOM: true });

/** Up to this length a loop over ASCII is faster than the platform's decoder. */
const ASCII_LOOP_LENGTH = 48;

/**
 * Decodes a `ustring`; never fails.
 *
 * Java's writer encodes each half of a surrogate pair by itself, in three bytes; both halves
 * together are read as the character meant [JU4]. Anything else that is no UTF-8 becomes U+FFFD,
 * as does half a pair, so that every string inside can be written as UTF-8.
 *
 * Source: ZooKeeper `BinaryOutputArchive.stringToByteBuffer`.
 */
export function decodeText(bytes: Uint8Array): string {
  const short = bytes.length <= ASCII_LOOP_LENGTH ? decodeAscii(bytes) : undefined;
  if (short !== undefined) return short;
  try {
    return strict.decode(bytes);
  } catch {
    // The decoder says by a TypeError that these bytes are not UTF-8: the client's doing.
    return decodeSurrogates(bytes);
  }
}

/**
 * Eight characters at a time: every `+=` makes one more rope, which the first look-up of a path has
 * to unwind. Together that takes half the time of one by one.
 */
function decodeAscii(bytes: Uint8Array): string | undefined {
  let text = "";
  let at = 0;
  for (; at + 8 <= bytes.length; at += 8) {
    const a = bytes[at] ?? 0;
    const b = bytes[at + 1] ?? 0;
    const c = bytes[at + 2] ?? 0;
    const d = bytes[at + 3] ?? 0;
    const e = bytes[at + 4] ?? 0;
    const f = bytes[at + 5] ?? 0;
    const g = bytes[at + 6] ?? 0;
    const h = bytes[at + 7] ?? 0;
    if ((a | b | c | d | e | f | g | h) > 0x7f) return undefined;
    text += String.fromCharCode(a, b, c, d, e, f, g, h);
  }
  for (; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte > 0x7f) return undefined;
    text += String.fromCharCode(byte);
  }
  return text;
}

/** Takes out the surrogates, in order, and lets the platform decode what is between them. */
function decodeSurrogates(bytes: Uint8Array): string {
  let text = "";
  let start = 0;
  for (let at = 0; at + 2 < bytes.length; at += 1) {
    const [first, second = 0, third = 0] = bytes.subarray(at, at + 3);
    const isSurrogate = first === 0xed && (second & 0xe0) === 0xa0 && (third & 0xc0) === 0x80;
    if (!isSurrogate) continue;
    text += lenient.decode(bytes.subarray(start, at));
    text += String.fromCharCode(0xd000 | ((second & 0x3f) << 6) | (third & 0x3f));
    start = at + 3;
    at += 2;
  }
  return (text + lenient.decode(bytes.subarray(start))).toWellFormed();
}
