/**
 * The only part of `node:crypto` that the shard uses: WebCrypto's digests are promises, and a step
 * runs to its end.
 *
 * Source: Node `crypto.createHash`; on Workers by default from compatibility date 2026-08-04.
 */
declare module "node:crypto" {
  export function createHash(algorithm: "sha1"): {
    update(bytes: Uint8Array): { digest(): Uint8Array };
  };
}
