import { KeeperError } from "../client/keeper-error.ts";
import { HttpProblem } from "../gateway/problem.ts";

/** Does something of the gateway, whose refusals are problems, and lets them be KeeperErrors. */
export async function asKeeperError<T>(body: () => T | Promise<T>, path?: string): Promise<T> {
  try {
    return await body();
  } catch (error) {
    throw keeperErrorOf(error, path);
  }
}

/** The same failure as a client knows it; what is no problem stays what it is. */
export function keeperErrorOf(error: unknown, path?: string): unknown {
  if (!(error instanceof HttpProblem)) return error;
  return new KeeperError(error.code, { path, message: error.message });
}
