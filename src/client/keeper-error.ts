import { type Code, findCodeName } from "../core/keeper-error.ts";

/**
 * Why an operation failed, as ZooKeeper names it.
 *
 * CONNECTIONLOSS says that the outcome is unknown: the connection was lost while the request was
 * under way, and it may or may not have been carried out. Every other code says that it was not.
 *
 * @example
 * ```ts
 * import { KeeperError } from "edgekeeper/client";
 *
 * try {
 *   await zk.set("/config", "blue", 7);
 * } catch (error) {
 *   if (!(error instanceof KeeperError)) throw error;
 *   console.error(error.codeName, error.path); // "BADVERSION", "/config"
 * }
 * ```
 *
 * Source: ZooKeeper `KeeperException`.
 */
export class KeeperError extends Error {
  override readonly name = "KeeperError";
  /** One of {@link Code}; a number that we have no name for, from a newer server. */
  readonly code: number;
  /** The name of {@link code}, `CODE<number>` for one that we do not know. */
  readonly codeName: string;
  /** The znode at fault, as the caller named it. */
  readonly path: string | undefined;
  /** Which part of a transaction failed, counted from 0. */
  readonly failedAt: number | undefined;

  constructor(code: number, { path, failedAt, cause, message }: KeeperErrorDetails = {}) {
    const codeName = findCodeName(code) ?? `CODE${code}`;
    const where = path === undefined ? "" : ` for ${path}`;
    super(message === undefined ? `${codeName}${where}` : `${codeName}${where}: ${message}`, {
      cause,
    });
    this.code = code;
    this.codeName = codeName;
    this.path = path;
    this.failedAt = failedAt;
  }
}

/** What else is known of a failure. */
export interface KeeperErrorDetails {
  readonly path?: string | undefined;
  readonly failedAt?: number | undefined;
  readonly cause?: unknown;
  /** What was expected and what was seen, where the code alone does not say it. */
  readonly message?: string;
}

/**
 * Tells whether something thrown is a {@link KeeperError} with one of these codes.
 *
 * Goes by what it looks like: one that came by RPC from another Worker is of no class of ours.
 *
 * @example
 * ```ts
 * import { Code, isKeeperError } from "edgekeeper/client";
 *
 * try {
 *   await zk.create("/master", "ann", { ephemeral: true });
 * } catch (error) {
 *   if (!isKeeperError(error, Code.NODEEXISTS)) throw error;
 *   console.log("somebody else is master");
 * }
 * ```
 */
export function isKeeperError(error: unknown, ...codes: readonly Code[]): error is KeeperError {
  return (
    error instanceof Error &&
    error.name === "KeeperError" &&
    "code" in error &&
    (codes.length === 0 || codes.some((code) => code === error.code))
  );
}
