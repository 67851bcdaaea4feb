import { CommandError } from "../command-error.ts";

/**
 * Puts an earlier line in the place of `!!` (the last one), `!3` (that of the number), `!-2` (the one
 * before the last) or `!get` (the last that starts so). Other lines stay as they are.
 *
 * @throws CommandError if there is no such line
 * Source: Bash Reference Manual, "Event Designators"; zkCli's JLine has them, too.
 */
export function expandHistory(line: string, history: readonly string[]): string {
  const [, wanted] = /^\s*!(\S.*?)\s*$/.exec(line) ?? [];
  if (wanted === undefined) return line;
  const found = find(wanted, history);
  if (found === undefined) {
    throw new CommandError(`expected an event of the history, saw !${wanted}`);
  }
  return found;
}

function find(wanted: string, history: readonly string[]): string | undefined {
  if (wanted === "!") return history.at(-1);
  if (/^-?\d+$/.test(wanted)) {
    const index = Number(wanted);
    return index < 0 ? history.at(index) : history[index];
  }
  return history.findLast((line) => line.startsWith(wanted));
}
