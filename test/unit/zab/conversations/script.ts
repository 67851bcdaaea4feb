/** One command of a play with the prose before it and the trace that it left. */
export interface Scene {
  /** Lines before the command, as they stand: prose (`# …`) and blank lines. */
  readonly prose: readonly string[];
  readonly command: string;
}

/**
 * Reads a play:
 *
 *     # prose
 *     command argument argument
 *     ----
 *     the trace, up to a blank line
 *
 * Traces are not read: they are made again, and compared.
 */
export function parsePlay(text: string): { scenes: readonly Scene[]; end: readonly string[] } {
  const scenes: Scene[] = [];
  let prose: string[] = [];
  let isTrace = false;
  for (const line of text.split("\n")) {
    if (line === "") isTrace = false;
    if (isTrace) continue;
    if (line === "----") isTrace = true;
    else if (line === "" || line.startsWith("#")) prose.push(line);
    else {
      scenes.push({ prose, command: line });
      prose = [];
    }
  }
  return { scenes, end: prose };
}

/** Plays every scene and returns the text as it should read. */
export function perform(text: string, play: (command: string) => readonly string[]): string {
  const { scenes, end } = parsePlay(text);
  const lines = scenes.flatMap(({ prose, command }) => [
    ...prose,
    command,
    "----",
    ...play(command),
  ]);
  return [...lines, ...end].join("\n");
}
