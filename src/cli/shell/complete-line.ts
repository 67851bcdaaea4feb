import { completeWord, type OpenWord, type PathSource } from "../completion/complete-word.ts";
import type { Grammar } from "../completion/grammar.ts";
import { splitWords } from "./split-words.ts";

/** What completes a line: the whole words, and the piece that they replace. As readline wants it. */
export type Completion = [candidates: string[], piece: string];

/**
 * Completes the last word of a line: a command, an option, its value or a path.
 *
 * Source: zkCli `JLineZNodeCompleter`.
 */
export async function completeLine(
  line: string,
  grammar: Grammar,
  source: PathSource,
): Promise<Completion> {
  const { start, quote, ...open } = openWordOf(line);
  const { candidates } = await completeWord(open, grammar, source);
  const values = candidates.map(({ value }) => value);
  return [quoted(values, quote), line.slice(start)];
}

/** The word at the end of a line, whose quote may be open. */
interface OpenLine extends OpenWord {
  readonly start: number;
  readonly quote: string;
}

function openWordOf(line: string): OpenLine {
  let start = 0;
  for (const match of line.matchAll(WORD)) {
    const { open, bare } = match.groups ?? {};
    start = match.index + match[0].length;
    const piece = open?.slice(1) ?? bare;
    if (piece === undefined || start < line.length) continue;
    start -= piece.length + (open === undefined ? 0 : 1);
    const words = splitWords(line.slice(0, start));
    return { words, piece, start, quote: open?.[0] ?? "" };
  }
  return { words: splitWords(line), piece: "", start: line.length, quote: "" };
}

/** As in `split-words.ts`, and a quote that was not closed. */
const WORD = /\s*(?:"[^"]*"|'[^']*'|(?<open>["'].*)|(?<bare>[^\s"']\S*))/g;

/** A word that is alone and whole is closed, and the next one can be typed. */
function quoted(values: readonly string[], open: string): string[] {
  const isNeeded = values.some((value) => /[\s"']/.test(value));
  const isDouble = open === '"' || (open === "" && !values.some((value) => value.includes('"')));
  const quote = open === "" && !isNeeded ? "" : isDouble ? '"' : "'";
  // Within quotes of a kind those of the other kind are characters like others.
  const written = values.filter((value) => quote === "" || !value.includes(quote));
  const isWhole = values.length === 1 && !values[0]?.endsWith("/");
  return written.map((value) => quote + value + (isWhole ? `${quote} ` : ""));
}
