/**
 * Base64 by hand: `Uint8Array.prototype.toBase64` is missing in Node 24, `btoa` takes no bytes.
 *
 * Strict in both directions, so that every byte string has one text and every text one byte string:
 * padding is required in the standard form and refused in the URL form, unused bits must be zero.
 *
 * Source: RFC 4648, sections 4 and 5.
 */
const STANDARD = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL_SAFE = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const PAD = 0x3d;
/** Marks a character outside the alphabet; has a bit that no sextet has. */
const NONE = 0x80;

interface Alphabet {
  readonly encode: Uint8Array;
  readonly decode: Uint8Array;
  readonly isPadded: boolean;
}

const STANDARD_ALPHABET = alphabet(STANDARD, true);
const URL_ALPHABET = alphabet(URL_SAFE, false);
const ASCII = new TextDecoder();

/** Encodes bytes in the standard alphabet, with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  return encode(bytes, STANDARD_ALPHABET);
}

/** Decodes what {@link encodeBase64} makes; undefined for anything else. */
export function decodeBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0) return undefined;
  let end = text.length;
  if (text.charCodeAt(end - 1) === PAD) end -= text.charCodeAt(end - 2) === PAD ? 2 : 1;
  return decode(text, end, STANDARD_ALPHABET);
}

/** Encodes bytes in the URL alphabet, without padding. */
export function encodeBase64Url(bytes: Uint8Array): string {
  return encode(bytes, URL_ALPHABET);
}

/** Decodes what {@link encodeBase64Url} makes; undefined for anything else. */
export function decodeBase64Url(text: string): Uint8Array | undefined {
  return decode(text, text.length, URL_ALPHABET);
}

function alphabet(characters: string, isPadded: boolean): Alphabet {
  const codes = Uint8Array.from(characters, (character) => character.charCodeAt(0));
  const decodeTable = new Uint8Array(128).fill(NONE);
  for (const [sextet, code] of codes.entries()) decodeTable[code] = sextet;
  return { encode: codes, decode: decodeTable, isPadded };
}

function encode(bytes: Uint8Array, { encode: codes, isPadded }: Alphabet): string {
  const whole = bytes.length - (bytes.length % 3);
  const rest = bytes.length - whole;
  const tail = rest === 0 ? 0 : isPadded ? 4 : rest + 1;
  const out = new Uint8Array((whole / 3) * 4 + tail).fill(PAD);
  let at = 0;
  for (let i = 0; i < whole; i += 3) {
    const triple = (byteAt(bytes, i) << 16) | (byteAt(bytes, i + 1) << 8) | byteAt(bytes, i + 2);
    out[at++] = byteAt(codes, triple >> 18);
    out[at++] = byteAt(codes, (triple >> 12) & 63);
    out[at++] = byteAt(codes, (triple >> 6) & 63);
    out[at++] = byteAt(codes, triple & 63);
  }
  if (rest > 0) {
    const last = (byteAt(bytes, whole) << 16) | (byteAt(bytes, whole + 1) << 8);
    out[at++] = byteAt(codes, last >> 18);
    out[at++] = byteAt(codes, (last >> 12) & 63);
    if (rest === 2) out[at] = byteAt(codes, (last >> 6) & 63);
  }
  return ASCII.decode(out);
}

/** Decodes the characters before `end`; what follows was found to be padding. */
function decode(text: string, end: number, { decode: table }: Alphabet): Uint8Array | undefined {
  const rest = end % 4;
  if (rest === 1) return undefined;
  const out = new Uint8Array(Math.floor((end * 3) / 4));
  const whole = end - rest;
  let seen = 0;
  let at = 0;
  for (let i = 0; i < whole; i += 4) {
    const a = sextetAt(text, i, table);
    const b = sextetAt(text, i + 1, table);
    const c = sextetAt(text, i + 2, table);
    const d = sextetAt(text, i + 3, table);
    seen |= a | b | c | d;
    out[at++] = (a << 2) | (b >> 4);
    out[at++] = (b << 4) | (c >> 2);
    out[at++] = (c << 6) | d;
  }
  if (rest > 0) {
    const a = sextetAt(text, whole, table);
    const b = sextetAt(text, whole + 1, table);
    const c = rest === 3 ? sextetAt(text, whole + 2, table) : 0;
    seen |= a | b | c;
    out[at++] = (a << 2) | (b >> 4);
    if (rest === 3) out[at] = (b << 4) | (c >> 2);
  }
  if ((seen & NONE) !== 0 || hasUnusedBits(text, end, table)) return undefined;
  return out;
}

function hasUnusedBits(text: string, end: number, table: Uint8Array): boolean {
  const rest = end % 4;
  if (rest === 0) return false;
  return (sextetAt(text, end - 1, table) & (rest === 2 ? 15 : 3)) !== 0;
}

function sextetAt(text: string, index: number, table: Uint8Array): number {
  return table[text.charCodeAt(index)] ?? NONE;
}

function byteAt(bytes: Uint8Array, index: number): number {
  return bytes[index] ?? 0;
}
