/** A string, a template, a comment or a regular expression after an operator: what must be read as a whole. */
const TOKEN =
  /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`|\/\/[^\n]*|\/\*[\s\S]*?\*\/|(?<=[(,=:?[!&|]\s*)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\//g;

const blank = (token: string): string => token.replaceAll(/[^\n]/g, " ");
const isComment = (token: string): boolean => token.startsWith("//") || token.startsWith("/*");

/** The code with comments blanked; lines stay where they are. */
export function withoutComments(text: string): string {
  return text.replaceAll(TOKEN, (token) => (isComment(token) ? blank(token) : token));
}

/** The code with comments, strings and regular expressions blanked; lines stay where they are. */
export function withoutText(text: string): string {
  return text.replaceAll(TOKEN, blank);
}

/** Lines that hold code: neither blank nor only a comment. */
export function codeLinesCount(text: string): number {
  return withoutComments(text)
    .split("\n")
    .filter((line) => line.trim() !== "").length;
}

/** What a file imports, in any form: value, `import type`, `import()`, `export … from`. */
export function importsOf(text: string): string[] {
  const imports = withoutComments(text).matchAll(
    /\b(?:from\s*|import\s*\(?\s*)["'`]([^"'`\n]+)["'`]/g,
  );
  return [...imports].map((match) => match[1] ?? "");
}

/** The path a relative import means, from the root of the repository; a package stays undefined. */
export function resolveImport(importer: string, specifier: string): string | undefined {
  if (!specifier.startsWith(".")) return undefined;
  return new URL(specifier, `file:///${importer}`).pathname.slice(1);
}

/** Number of the line in which `index` lies, from 1. */
export function lineAt(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}
