import { styleText } from "node:util";

/** What a piece of text is, each with one look; most text is none of these. */
const LOOKS = {
  /** What went wrong, and what is gone. */
  error: "red",
  /** What deserves a second look. */
  warning: "yellow",
  /** What is well, and what is new. */
  good: "green",
  /** A heading. */
  title: "bold",
  /** What is there to hold the rest together. */
  faint: "dim",
} as const;

/** One of the things that text can be. */
export type Look = keyof typeof LOOKS;

/** Gives a piece of text its look; on a stream without colours it stays as it is, to the byte. */
export type Paint = (look: Look, text: string) => string;

/** For pipes, files and programs. */
export const PLAIN: Paint = (_, text) => text;

/**
 * Paints for a stream: in colours if it is a terminal, unless the environment has `NO_COLOR`, or
 * wherever it goes if that has `FORCE_COLOR`.
 *
 * @param wanted - what the user said by `--color` or `--no-color`, which comes before all that.
 * Source: no-color.org; Node `util.styleText`, `WriteStream.getColorDepth`.
 */
export function paintFor(stream: NodeJS.WritableStream, wanted?: boolean): Paint {
  if (wanted === false) return PLAIN;
  const options = wanted === true ? { validateStream: false } : { stream };
  return (look, text) => styleText(LOOKS[look], text, options);
}
