import type { FourLetterWord } from "../protocol/four-letter-word.ts";

/** Answers a four-letter word. */
export function answerCommand(word: FourLetterWord): Promise<Uint8Array> {
  const text =
    word === "ruok" ? "imok" : `${word} is not executed because it is not in the whitelist.\n`;
  return Promise.resolve(new TextEncoder().encode(text));
}
