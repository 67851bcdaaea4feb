import type { PartContext } from "./part.ts";

/** A case of a part, by what it shows. */
interface Case {
  readonly name: string;
  readonly run: () => Promise<unknown>;
  /** How long it may take, milliseconds; as long as it likes if absent. */
  readonly deadlineMs?: number;
}

/** Runs a case and reports how it ended. @returns whether it passed */
export async function runCase(
  { passed, failed }: Pick<PartContext, "passed" | "failed">,
  { name, run, deadlineMs }: Case,
): Promise<boolean> {
  try {
    await (deadlineMs === undefined ? run() : Promise.race([run(), afterDeadline(deadlineMs)]));
    passed(name);
    return true;
  } catch (error) {
    failed(name, stackOf(error));
    return false;
  }
}

/** What is told of something thrown. */
export function stackOf(error: unknown): string {
  return error instanceof Error ? `${error.stack}` : String(error);
}

function afterDeadline(deadlineMs: number): Promise<never> {
  return new Promise((_, reject) => {
    const error = new Error(`expected an end within ${deadlineMs} ms`);
    setTimeout(() => reject(error), deadlineMs).unref();
  });
}
