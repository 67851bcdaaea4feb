import { Code, failure, type Failure } from "./keeper-error.ts";

/** Matches every version. */
export const ANY_VERSION = -1;

/**
 * Returns the version after `version`: 32 bits that wrap, skipping −1 because that is the wildcard.
 *
 * Source: ZooKeeper `PrepRequestProcessor.checkAndIncVersion` since ZOOKEEPER-4743.
 */
export function nextVersion(version: number): number {
  return version === -2 ? 0 : (version + 1) | 0;
}

/** Compares what a request expects with what is there. Negatives but −1 simply do not match. */
export function findVersionFault(
  path: string,
  seen: number,
  expected: number,
): Failure | undefined {
  if (expected === ANY_VERSION || expected === seen) return undefined;
  return failure(Code.BADVERSION, `expected version ${expected}, saw ${seen}`, {
    path,
    expected,
    seen,
  });
}
