/** Ends a command: its message is the one line that the user sees, and the exit code is 1. */
export class CommandError extends Error {
  override readonly name = "CommandError";
}
