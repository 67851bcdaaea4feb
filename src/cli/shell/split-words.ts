/**
 * Splits a line into words, as zkCli does: at blanks, but not between quotes of one kind.
 *
 * Quotes stand around a whole word; inside of one they are characters like others.
 *
 * Source: zkCli `ZooKeeperMain.MyCommandOptions.parseCommand`.
 */
export function splitWords(line: string): string[] {
  return [...line.matchAll(WORD)].map(
    ({ groups: { double, single, bare } = {} }) => double ?? single ?? bare ?? "",
  );
}

const WORD = /\s*(?:"(?<double>[^"]*)"|'(?<single>[^']*)'|(?<bare>[^\s"']\S*))/g;
