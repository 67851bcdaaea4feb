import { lineAt, withoutComments, withoutText } from "./code.ts";
import { type Check, testFiles } from "./repository.ts";

const FOLDERS = /^test\/(?:unit|contract|workerd)\//;
const SLEEP = /\b(?:setTimeout|setInterval|sleep|scheduler\.wait)\s*\(/g;

/** Tests advance the clock; a sleep is slow on a good day and wrong on a bad one. */
export const checkSleeps: Check = (repository) =>
  testFiles(repository)
    .filter(({ path }) => FOLDERS.test(path))
    .flatMap(({ path, text }) => {
      const code = withoutText(text);
      const calls = [...code.matchAll(SLEEP)];
      const imports = [...withoutComments(text).matchAll(/["'`](?:node:)?timers\b/g)];
      return [...calls, ...imports].map(
        (match) => `${path}:${lineAt(code, match.index)}: no sleep, advance the clock`,
      );
    });
