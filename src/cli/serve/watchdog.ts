import { type ChildProcess, spawn } from "node:child_process";

/** Waits for the end of its input, which is our end. */
const SCRIPT = 'read -r _; kill -KILL "$1" 2>/dev/null';

/**
 * Kills a process when ours is gone without having seen to it, killed by SIGKILL for instance: workerd
 * does not look after whoever started it.
 *
 * A shell of its own, since nobody else is there to do it then.
 *
 * @returns what sends the watchdog away, once the process has ended.
 */
export function watchOver(pid: number): () => void {
  const watchdog: ChildProcess = spawn("/bin/sh", ["-c", SCRIPT, "edgekeeper-watchdog", `${pid}`], {
    // In a group of its own: what a terminal sends to ours would send it away first.
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  // Without a shell nobody watches, and the server serves.
  watchdog.on("error", () => undefined);
  watchdog.stdin?.on("error", () => undefined);
  watchdog.unref();
  return () => watchdog.kill("SIGKILL");
}
