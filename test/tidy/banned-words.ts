import { lineAt, withoutText } from "./code.ts";
import { type Check, sourceFiles, type TextFile, testFiles } from "./repository.ts";

interface Ban {
  readonly pattern: RegExp;
  readonly why: string;
}

/** Read in the whole text, comments included. */
const EVERYWHERE: readonly Ban[] = [
  { pattern: /\bFIXME\b/g, why: "FIXME: fix it, or write a TODO with a rule or an issue" },
  {
    pattern: /\bTODO\b(?!\((?:[A-Z]{2}\d+|#\d+)\))/g,
    why: "a TODO names its rule or issue: TODO(WA3) or TODO(#12)",
  },
  {
    pattern: /(?:ox|es)lint-disable(?![^\n]* -- \S)/g,
    why: "a lint-disable says why, after `--`",
  },
  { pattern: /@ts-(?:ignore|nocheck)\b/g, why: "use @ts-expect-error with a reason" },
];

/** Read in the code only: comments may speak of them. */
const DETERMINISTIC: readonly Ban[] = [
  { pattern: /\b(?:async|await)\b/g, why: "a step runs to completion: no async, no await" },
  { pattern: /\bPromise\b/g, why: "a step runs to completion: no Promise" },
  { pattern: /\bDate\b/g, why: "time is an argument: no Date" },
  { pattern: /\bMath\s*\.\s*random\b/g, why: "randomness is an argument: no Math.random" },
];

const DETERMINISTIC_LAYERS = /^src\/(?:core|storage|server)\//;

function findBans({ path, text }: TextFile, bans: readonly Ban[]): string[] {
  return bans.flatMap(({ pattern, why }) =>
    [...text.matchAll(pattern)].map((match) => `${path}:${lineAt(text, match.index)}: ${why}`),
  );
}

/** Words that stand for a habit this code does not have. */
export const checkBannedWords: Check = (repository) => [
  ...[...sourceFiles(repository), ...testFiles(repository)].flatMap((file) =>
    findBans(file, EVERYWHERE),
  ),
  ...sourceFiles(repository)
    .filter(({ path }) => DETERMINISTIC_LAYERS.test(path))
    .flatMap(({ path, text }) => findBans({ path, text: withoutText(text) }, DETERMINISTIC)),
];
