import { NOT_SERVING } from "../../protocol/admin/four-letter-answers.ts";
import type { FourLetterWord } from "../../protocol/four-letter-word.ts";
import type { Service } from "./service.ts";
import { getFromService, type ServiceAnswer } from "./service-get.ts";

/**
 * Answers a four-letter word for a service: `ruok` and `isro` by whether it is there, the others by
 * what it answers itself; which ones may be asked is its own choice.
 *
 * Source: ZooKeeper "Four Letter Words".
 */
export async function answerWord(service: Service, word: FourLetterWord): Promise<string> {
  try {
    switch (word) {
      case "ruok":
        return (await isHealthy(service)) ? "imok" : `${NOT_SERVING}\n`;
      case "isro":
        return (await isHealthy(service)) ? "rw" : "null";
      default:
        return textOf(word, await getFromService(service, `/four-letter-words/${word}`));
    }
  } catch {
    // Nobody answers there.
    return word === "isro" ? "null" : `${NOT_SERVING}\n`;
  }
}

async function isHealthy(service: Service): Promise<boolean> {
  return (await getFromService(service, "/healthz")).status === 200;
}

function textOf(word: FourLetterWord, { status, contentType, text }: ServiceAnswer): string {
  if (status === 200 && contentType.startsWith("text/plain")) return text;
  return `${word}: expected an answer of the service, saw ${status}\n`;
}
