const RELATIVE_IMPORT = /((?:\bfrom|\bimport)\s*\(?\s*"\.[^"\n]*)\.ts"/g;
const DISPOSABLE = /\b(?:Async)?Disposable\b/;

/**
 * A declaration as packages carry it.
 *
 * The compiler renames imports in JavaScript only. What can be disposed of needs a library that
 * projects seldom name, so the declaration names it itself.
 */
export function packageDeclaration(text: string): string {
  const renamed = text.replaceAll(RELATIVE_IMPORT, '$1.js"');
  return DISPOSABLE.test(renamed)
    ? `/// <reference lib="esnext.disposable" />\n${renamed}`
    : renamed;
}
