import type { FourLetterWord } from "../protocol/four-letter-word.ts";
import type { Service } from "./service.ts";
import { getFromService } from "./service-get.ts";

/** Characters of an answer, at most. */
const ANSWER_LENGTH_MAX = 1_048_576;

/** What a server says that is there and can't serve. Source: ZooKeeper `AbstractFourLetterCommand`. */
const NOT_SERVING = "This ZooKeeper instance is not currently serving requests\n";

/**
 * Answers a four-letter word for a service: `ruok` and `isro` by whether it is healthy, no other one.
 * Source: ZooKeeper "Four Letter Words".
 */
export async function answerWord(service: Service, word: FourLetterWord): Promise<string> {
  if (word !== "ruok" && word !== "isro") {
    return `${word} is not executed because it is not in the whitelist.\n`;
  }
  try {
    const asked = { accept: "*/*", lengthMax: ANSWER_LENGTH_MAX };
    const { status } = await getFromService(service, "/healthz", asked);
    if (status === 200) return word === "ruok" ? "imok" : "rw";
  } catch {
    // Not reachable, so not healthy.
  }
  return word === "ruok" ? NOT_SERVING : "null";
}
