import { FOUR_LETTER_WORDS, type FourLetterWord } from "../four-letter-word.ts";

/** The words that may be used. */
export type Whitelist = ReadonlySet<FourLetterWord>;

/**
 * Reads a whitelist: words between commas, or `*` for all. `srvr` is always allowed, because
 * ZooKeeper's own scripts ask it; names of no word are ignored.
 *
 * Source: ZooKeeper `4lw.commands.whitelist`, `FourLetterCommands.isEnabled`.
 */
export function parseWhitelist(text: string): Whitelist {
  const names = new Set(text.split(",").map((name) => name.trim()));
  const isAny = names.has("*");
  return new Set(FOUR_LETTER_WORDS.filter((word) => isAny || word === "srvr" || names.has(word)));
}

/** What a known word that is not allowed is answered. Source: ZooKeeper `NopCommand`. */
export function formatNotAllowed(word: FourLetterWord): string {
  return `${word} is not executed because it is not in the whitelist.\n`;
}
