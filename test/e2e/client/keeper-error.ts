import type { CodeName } from "../../../src/core/keeper-error.ts";

/** A refusal of the service, or CONNECTIONLOSS. */
export class KeeperError extends Error {
  readonly code: CodeName;

  constructor(code: CodeName, message: string) {
    super(`${code}: ${message}`);
    this.code = code;
  }
}

/** Runs `work` and tells whether it was refused with `code`; any other error is thrown. */
export async function isRefused(code: CodeName, work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return false;
  } catch (error) {
    if (error instanceof KeeperError && error.code === code) return true;
    throw error;
  }
}
