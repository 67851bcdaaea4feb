import type { History, Violation } from "../../simulation/history.ts";
import type { Mutable } from "./reference-service.ts";

/** Copies a history and lets a test break the copy. */
export function spoil(history: History, change: (copy: Mutable<History>) => void): History {
  const copy = structuredClone(history) as Mutable<History>;
  change(copy);
  return copy as History;
}

/** The rules that violations name, each once, sorted. */
export function rulesOf(violations: readonly Violation[]): string[] {
  return [...new Set(violations.map(({ rule }) => rule))].sort();
}
