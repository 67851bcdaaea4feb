import type { Violation } from "../history.ts";

/** Who complains, and by which rule of `docs/SPEC.md`. */
export interface Rule {
  readonly checker: string;
  readonly rule: string;
}

/** A line of evidence: one operation, txn or event, a cell for each column. */
export type Row = readonly string[];

/** More violations of one rule say nothing new and hide those of the others. */
const VIOLATIONS_OF_RULE_MAX = 5;

/**
 * Words a violation: a sentence that says what was expected and what was seen, and below it what
 * contradicts, one line each, in columns.
 */
export function violation(
  { checker, rule }: Rule,
  sentence: string,
  rows: readonly Row[],
): Violation {
  return { checker, rule, message: [sentence, ...inColumns(rows)].join("\n") };
}

/** Pads cells, so that those of a column stand below each other. */
export function inColumns(rows: readonly Row[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, at) => (widths[at] = Math.max(widths[at] ?? 0, cell.length)));
  }
  return rows.map((row) =>
    `  ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join("  ")}`.trimEnd(),
  );
}

/** Keeps the first few violations of each rule. */
export function firstOfEachRule(violations: readonly Violation[]): Violation[] {
  const counts = new Map<string, number>();
  return violations.filter(({ checker, rule }) => {
    const key = `${checker} ${rule}`;
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return count <= VIOLATIONS_OF_RULE_MAX;
  });
}
