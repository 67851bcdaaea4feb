/** Cuts a stream into pieces of the given lengths, over and over. */
export function cut(stream: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (let index = 0; at < stream.length; index += 1) {
    const end = at + (lengths[index % lengths.length] ?? 1);
    pieces.push(stream.subarray(at, end));
    at = end;
  }
  return pieces;
}
