/**
 * Draws a random UUID, version 4: the name of something that nobody else may have made.
 *
 * From the platform, and not from a `Clock`: two clients whose chance is the same must not draw the
 * same name. `crypto.randomUUID` would do it, but pages without TLS do not have it.
 *
 * @example
 * ```ts
 * import { uuid } from "edgekeeper/client";
 *
 * await zk.create(`/uploads/${uuid()}`, "cat.jpg");
 * ```
 *
 * Source: RFC 9562, section 5.4.
 */
export function uuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const hex = Array.from(bytes, (byte, index) => {
    const marked = index === 6 ? (byte & 0x0f) | 0x40 : index === 8 ? (byte & 0x3f) | 0x80 : byte;
    return marked.toString(16).padStart(2, "0");
  }).join("");
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join("-");
}
