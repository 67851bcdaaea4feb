/** Time and chance as the client sees them: tests bring their own. */
export interface Clock {
  /** Milliseconds that never go back; from when does not matter. */
  nowMs(): number;
  /** Runs `task` once, `delayMs` from now. @returns what cancels it. */
  after(delayMs: number, task: () => void): () => void;
  /** From 0 up to, and without, 1. */
  random(): number;
}

/** The machine's own. */
export const SYSTEM_CLOCK: Clock = {
  nowMs: () => performance.now(),
  after: (delayMs, task) => {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};
