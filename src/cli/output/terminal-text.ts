const ESC = "\u001B";

/** Ends of lines, tabs, and the looks of `colours.ts`. */
const PASSING: ReadonlySet<string> = new Set([
  "\n",
  "\r\n",
  "\t",
  ...[1, 2, 22, 31, 32, 33, 39].map((look) => `${ESC}[${look}m`),
]);

/** C0, DEL and C1, each with what may make a look of it. */
const CONTROL = /\r\n|\p{Cc}(?:\[\d{1,2}m)?/gu;

/**
 * Makes text fit for a terminal: what servers, files and other programs wrote can neither move its
 * cursor nor change its title, its keys or what was printed before. That there was something is seen.
 *
 * Source: ECMA-48, "Control Functions for Coded Character Sets".
 */
export function terminalText(text: string): string {
  return text.replaceAll(CONTROL, (found) => {
    const isPassing = PASSING.has(found) || PASSING.has(found.charAt(0));
    return isPassing ? found : `\uFFFD${found.slice(1)}`;
  });
}
