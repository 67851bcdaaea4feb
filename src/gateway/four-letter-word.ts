import type { AdminContext } from "../protocol/admin/configuration.ts";
import { FOUR_LETTER_ANSWERS, NOT_SERVING } from "../protocol/admin/four-letter-answers.ts";
import { formatNotAllowed, type Whitelist } from "../protocol/admin/whitelist.ts";
import type { FourLetterWord } from "../protocol/four-letter-word.ts";
import type { ShardApi } from "../shard/shard-api.ts";

/** What an answer needs besides the shard. */
export interface FourLetterContext extends AdminContext {
  readonly whitelist: Whitelist;
}

/**
 * Answers a four-letter word as ZooKeeper does; never fails. `ruok` asks for no shard: it says that
 * the door is there.
 *
 * Source: ZooKeeper `FourLetterCommands`, `NIOServerCnxn.checkFourLetterWord`.
 */
export async function answerFourLetterWord(
  word: FourLetterWord,
  shard: Pick<ShardApi, "status" | "resetStatistics">,
  { whitelist, clientPort }: FourLetterContext,
): Promise<string> {
  if (!whitelist.has(word)) return formatNotAllowed(word);
  const answer = FOUR_LETTER_ANSWERS[word];
  if (answer.type === "fixed") return answer.text;
  try {
    if (answer.type === "data") {
      return answer.format(await shard.status(answer.details), { clientPort });
    }
    await shard.resetStatistics(answer.statistics);
    return answer.text;
  } catch {
    // Whatever is wrong with the shard, to an operator it does not serve.
    return answer.type === "data" ? answer.otherwise : `${NOT_SERVING}\n`;
  }
}
