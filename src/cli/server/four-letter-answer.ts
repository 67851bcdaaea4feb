import { NOT_SERVING } from "../../protocol/admin/four-letter-answers.ts";
import type { FourLetterWord } from "../../protocol/four-letter-word.ts";
import type { Service } from "./service.ts";
import { getFromService, type ServiceAnswer } from "./service-get.ts";

/**
 * Answers a four-letter word for a service, as a ZooKeeper would: to whom nobody answers there, it is
 * not serving.
 *
 * Source: ZooKeeper "Four Letter Words".
 */
export async function answerWord(service: Service, word: FourLetterWord): Promise<string> {
  try {
    return wordText(word, await getFromService(service, wordRoute(word)));
  } catch {
    // Nobody answers there.
    return word === "isro" ? "null" : `${NOT_SERVING}\n`;
  }
}

/**
 * Where a service is asked a word: `ruok` and `isro` are whether it is there, the others it answers
 * itself; which ones may be asked is its own choice.
 */
export function wordRoute(word: FourLetterWord): `/${string}` {
  return word === "ruok" || word === "isro" ? "/healthz" : `/four-letter-words/${word}`;
}

/** What a service's answer on {@link wordRoute} says, in the words of a ZooKeeper. */
export function wordText(word: FourLetterWord, answer: ServiceAnswer): string {
  const { status, contentType, text } = answer;
  if (word === "ruok") return status === 200 ? "imok" : `${NOT_SERVING}\n`;
  if (word === "isro") return status === 200 ? "rw" : "null";
  if (status === 200 && contentType.startsWith("text/plain")) return text;
  return `${word}: expected an answer of the service, saw ${status}\n`;
}
