import { isUtf8 } from "node:buffer";

/** Data for programs: text as text, everything else as base64, and null where there is none. */
export function dataValue(
  data: Uint8Array | null,
): { readonly data: string | null } | { readonly base64: string } {
  if (data === null) return { data: null };
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return isUtf8(bytes) ? { data: bytes.toString("utf8") } : { base64: bytes.toString("base64") };
}
