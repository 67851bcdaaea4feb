import { KeeperError } from "../client/keeper-error.ts";
import { HttpProblem } from "../gateway/problem.ts";

/**
 * Does something of the gateway, whose refusals are problems, and lets them be KeeperErrors.
 *
 * @param path - what the caller asked about.
 */
export async function asKeeperError<T>(body: () => T | Promise<T>, path?: string): Promise<T> {
  try {
    return await body();
  } catch (error) {
    if (!(error instanceof HttpProblem)) throw error;
    throw new KeeperError(error.code, { path, message: error.message });
  }
}
