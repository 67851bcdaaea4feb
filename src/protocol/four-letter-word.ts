/**
 * Commands that an operator sends instead of a handshake: four letters, answered by a text.
 *
 * All words that ZooKeeper knows, because a known word is answered even where it may not be used,
 * and an unknown one is a frame that is too long. Source: ZooKeeper `FourLetterCommands`.
 */
export const FOUR_LETTER_WORDS = [
  "conf",
  "cons",
  "crst",
  "dirs",
  "dump",
  "envi",
  "gtmk",
  "hash",
  "isro",
  "mntr",
  "ruok",
  "srst",
  "srvr",
  "stat",
  "stmk",
  "wchc",
  "wchp",
  "wchs",
] as const;

/** One of the words. */
export type FourLetterWord = (typeof FOUR_LETTER_WORDS)[number];

/** Tells whether a text is one of the words. */
export function isFourLetterWord(text: string): text is FourLetterWord {
  return FOUR_LETTER_WORDS.some((word) => word === text);
}

/** Finds the word whose letters were read as the length of a frame. */
export function findFourLetterWord(length: number): FourLetterWord | undefined {
  const letters = [length >> 24, length >> 16, length >> 8, length].map((byte) => byte & 0xff);
  const text = String.fromCharCode(...letters);
  return isFourLetterWord(text) ? text : undefined;
}
