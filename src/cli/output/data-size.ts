/** How much data there is, for people: none, and none of it, differ. */
export function dataSize(data: Uint8Array | null): string {
  if (data === null) return "no data";
  return data.length === 1 ? "1 byte" : `${data.length} bytes`;
}
