import { connect } from "node:net";
import { parseConnectString } from "../../client/server-list.ts";
import type { FourLetterWord } from "../../protocol/four-letter-word.ts";
import { CommandError } from "../command-error.ts";
import type { ConnectionOptions } from "./dial-server.ts";
import { answerWord } from "./four-letter-answer.ts";
import { readService } from "./service.ts";

/** How long a server may be silent, milliseconds. */
const SILENT_MS = 5_000;

/** Asks a four-letter word: a service over HTTP, a ZooKeeper, the first one named, over TCP. */
export function askWord(
  server: string,
  word: FourLetterWord,
  options: ConnectionOptions,
): Promise<string> {
  if (/^https?:\/\//.test(server)) {
    return answerWord(readService({ ...options, url: server, option: "--server" }), word);
  }
  const [first = ""] = parseConnectString(server).servers;
  const colon = first.lastIndexOf(":");
  const host = first.slice(0, colon).replace(/^\[|\]$/g, "");
  return askOverTcp({ host, port: Number(first.slice(colon + 1)) }, word);
}

function askOverTcp(
  { host, port }: { readonly host: string; readonly port: number },
  word: FourLetterWord,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (seen: string): void =>
      reject(new CommandError(`expected a ZooKeeper at ${host}:${port}, saw: ${seen}`));
    let text = "";
    const socket = connect({ host, port }, () => socket.write(word));
    socket.setEncoding("utf8").setTimeout(SILENT_MS, () => {
      fail("no answer");
      socket.destroy();
    });
    socket.on("data", (piece: string) => (text += piece));
    socket.once("error", ({ message }) => fail(message));
    socket.once("close", () => resolve(text));
  });
}
