import { constants } from "node:os";

/**
 * How commands end: 0 when it is done. The exit code of a program under `lock` and `elect` is theirs.
 *
 * Source: zkCli `ServiceUtils`, `ExitCode`; POSIX "Shell Command Language" 2.8.2.
 */
export const ExitCode = {
  /** It failed or was refused, or was used the wrong way; nothing found by `grep`. */
  failed: 1,
  /** There is no such command, or the program that was to be run cannot be started. */
  notFound: 127,
} as const;

/** Exit code of what a signal ended: 130 for Ctrl-C, 143 for SIGTERM. */
export function exitCodeOfSignal(name: NodeJS.Signals): number {
  return 128 + constants.signals[name];
}
