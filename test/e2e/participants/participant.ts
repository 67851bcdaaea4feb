import { parseArgs } from "node:util";

/**
 * Reads the arguments of a participant: `--url` is the service with its namespace, the others are
 * its own. All are texts and all must be there.
 */
export function participantArguments<Name extends string>(
  ...names: readonly Name[]
): Readonly<Record<Name | "url", string>> {
  const all = ["url", ...names] as const;
  const options = Object.fromEntries(all.map((name) => [name, { type: "string" as const }]));
  const { values } = parseArgs({ options });
  const missing = all.find((name) => values[name] === undefined);
  if (missing !== undefined) throw new Error(`--${missing} is missing`);
  return values as Record<Name | "url", string>;
}

/** Tells the suite what happened: one JSON object a line on standard output. */
export function report(fact: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify(fact)}\n`);
}
