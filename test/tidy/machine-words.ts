import { lineAt } from "./code.ts";
import type { Check } from "./repository.ts";

/** Assembled, so that this file does not contain what it looks for. */
const WORDS: readonly string[] = [
  ["", "work", ""].join("/"),
  ["", "home", ""].join("/"),
  ["", "Users", ""].join("/"),
  ["registry", "npmjs", "org"].join("."),
  ["registry", "yarnpkg", "com"].join("."),
  ["npm", "pkg", "github", "com"].join("."),
];

/** Nothing committed says where it was written, or which registry served its packages. */
export const checkMachineWords: Check = (repository) =>
  repository.flatMap(({ path, text }) => {
    const words = path === "package-lock.json" ? [...WORDS, '"resolved"'] : WORDS;
    return words
      .map((word) => ({ word, index: text.indexOf(word) }))
      .filter(({ index }) => index >= 0)
      .map(({ word, index }) => `${path}:${lineAt(text, index)}: contains ${word}`);
  });
