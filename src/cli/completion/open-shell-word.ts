import type { OpenWord } from "./complete-word.ts";

/** A word at the end of a command line, and how it was typed. */
export interface OpenShellWord extends OpenWord {
  /** With quotes and backslashes. */
  readonly typed: string;
  /** The quote that is open at its end. */
  readonly quote: "" | '"' | "'";
}

/**
 * Splits a command line of bash, up to the cursor, as bash does: at blanks, but not between quotes and
 * not behind a backslash. What bash would replace is left as it is.
 *
 * The first word, the program itself, is left out.
 *
 * Source: POSIX "Shell Command Language" 2.2.
 */
export function openShellWord(line: string): OpenShellWord {
  const words: string[] = [];
  let start = 0;
  let piece: string | undefined;
  let quote: OpenShellWord["quote"] = "";
  for (const { 0: token, index, groups = {} } of line.matchAll(TOKEN)) {
    const { blank, escaped, double, single, plain } = groups;
    if (blank === undefined) {
      piece = (piece ?? "") + (escaped ?? unescaped(double) ?? single ?? plain ?? "");
      if (double !== undefined && token.length === double.length + 1) quote = '"';
      if (single !== undefined && token.length === single.length + 1) quote = "'";
    } else {
      if (piece !== undefined) words.push(piece);
      piece = undefined;
      start = index + token.length;
    }
  }
  return { words: words.slice(1), piece: piece ?? "", typed: line.slice(start), quote };
}

/** A quote that is not closed goes on to the end of the line. */
const TOKEN =
  /(?<blank>\s+)|\\(?<escaped>[^]?)|"(?<double>(?:\\[^]|[^"\\])*)(?:"|$)|'(?<single>[^']*)(?:'|$)|(?<plain>[^])/g;

function unescaped(text: string | undefined): string | undefined {
  return text?.replaceAll(/\\([$`"\\])/g, "$1");
}

/**
 * Writes words so that bash reads them, in the place of what readline takes for the word.
 *
 * @param replaced - the end of what was typed: readline begins a word behind `:`, `=` and a quote, too.
 */
export function inBashWords(
  values: readonly string[],
  { typed, quote }: OpenShellWord,
  replaced: string,
): string[] {
  const kept = typed.endsWith(replaced) ? typed.slice(0, typed.length - replaced.length) : "";
  const before = quote === "" ? kept : kept.slice(kept.lastIndexOf(quote) + 1);
  return values
    .filter((value) => quote !== "'" || !value.includes("'"))
    .map((value) => inBash(value, quote))
    .map((value) => (value.startsWith(before) ? value.slice(before.length) : value));
}

function inBash(value: string, quote: OpenShellWord["quote"]): string {
  if (quote === "'") return value;
  if (quote === '"') return value.replaceAll(/[$`"\\]/g, "\\$&");
  return value.replaceAll(/[\s$`"'\\!&|;<>()*?[\]{}#~]/g, "\\$&");
}
