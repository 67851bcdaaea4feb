import type { Script } from "./script.ts";

/** Scripts that once showed a difference; they run before all others. */
export const REGRESSIONS: readonly Script[] = [];
