import { vi } from "vitest";

/**
 * Collects what microtasks throw, until `vi.unstubAllGlobals`: errors of listeners, which nobody else
 * catches.
 */
export function collectUncaught(): readonly unknown[] {
  const uncaught: unknown[] = [];
  const queue = globalThis.queueMicrotask;
  vi.stubGlobal("queueMicrotask", (task: () => void) =>
    queue(() => {
      try {
        task();
      } catch (error) {
        uncaught.push(error);
      }
    }),
  );
  return uncaught;
}
