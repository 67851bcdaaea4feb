import type { InputArchive } from "./input-archive.ts";

/**
 * Reads the parts of a multi, or of its answer: each behind a header with its operation, up to a
 * header that says done. Takes at least 9 bytes a part, so the frame bounds their number.
 *
 * @param readPart - reads one; undefined for an operation that is none of these parts.
 * @param expected - what the parts are, for the fault that such an operation is.
 * Source: ZooKeeper `MultiOperationRecord`, `MultiResponse`.
 */
export function readParts<T>(
  body: InputArchive,
  readPart: (body: InputArchive, type: number) => T | undefined,
  expected: string,
): T[] {
  const parts: T[] = [];
  for (;;) {
    const type = body.int();
    const isDone = body.bool();
    body.int();
    if (isDone || body.isTruncated) return parts;
    const part = readPart(body, type);
    if (part === undefined) {
      body.refuse(`expected ${expected}, saw operation ${type}`);
      return parts;
    }
    parts.push(part);
  }
}
