import type { ServerState } from "./server-state.ts";

/**
 * When the server wants to look at the clock: the earliest session deadline or reap date,
 * undefined if there is neither. One time for everything, because an object has one alarm.
 *
 * What is due and on its way through the log already does not count: looking again would not
 * hurry it.
 */
export function nextWakeMs({ tracker, tree, reaping }: ServerState): number | undefined {
  const deadlineMs = tracker.nextDeadlineMs() ?? Infinity;
  const reapMs = (reaping.size > 0 ? undefined : tree.tables.nextReapMs()) ?? Infinity;
  const wakeMs = Math.min(deadlineMs, reapMs);
  return wakeMs === Infinity ? undefined : wakeMs;
}
