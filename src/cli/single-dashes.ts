/** Options of zkCli that have one dash and a whole word. Source: zkCli `ReconfigCommand`. */
const OPTIONS: Readonly<Record<string, readonly string[]>> = {
  reconfig: ["-file", "-members", "-add", "-remove"],
};

/** Gives options of zkCli the two dashes that ours have: one dash begins single letters here. */
export function withTwoDashes(words: readonly string[]): readonly string[] {
  const at = words.findIndex((word) => OPTIONS[word] !== undefined);
  const options = OPTIONS[words[at] ?? ""] ?? [];
  return words.map((word, index) => (index > at && options.includes(word) ? `-${word}` : word));
}
