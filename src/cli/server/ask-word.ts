import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { TlsOptions } from "../../client/tcp-transport.ts";
import { parseConnectString } from "../../client/server-list.ts";
import type { FourLetterWord } from "../../protocol/four-letter-word.ts";
import { CommandError } from "../command-error.ts";
import type { ConnectionOptions } from "./dial-server.ts";
import { answerWord } from "./four-letter-answer.ts";
import { readServerAddress } from "./server-address.ts";
import { readService, readTls } from "./service.ts";

/** How long a server may be silent, milliseconds. */
const SILENT_MS = 5_000;

/** Asks a four-letter word: a service over HTTP, a ZooKeeper, the first one named, over TCP. */
export function askWord(
  server: string,
  word: FourLetterWord,
  options: ConnectionOptions,
): Promise<string> {
  const address = readServerAddress(server, options);
  if (address.kind === "service") {
    return answerWord(readService({ ...options, url: address.url, option: "--server" }), word);
  }
  const [first = ""] = parseConnectString(address.connectString).servers;
  return askOverTcp(first, address.isSecure ? readTls(options) : undefined, word);
}

function askOverTcp(
  server: string,
  tls: TlsOptions | undefined,
  word: FourLetterWord,
): Promise<string> {
  const colon = server.lastIndexOf(":");
  const host = server.slice(0, colon).replace(/^\[|\]$/g, "");
  const to = { host, port: Number(server.slice(colon + 1)) };
  return new Promise((resolve, reject) => {
    const fail = (seen: string): void =>
      reject(new CommandError(`expected a ZooKeeper at ${server}, saw: ${seen}`));
    let text = "";
    const ask = (): void => void socket.write(word);
    const socket: Socket =
      tls === undefined
        ? connect(to, ask)
        : connectTls({ ...tls, ...to, rejectUnauthorized: true }, ask);
    socket.setEncoding("utf8").setTimeout(SILENT_MS, () => {
      fail("no answer");
      socket.destroy();
    });
    socket.on("data", (piece: string) => (text += piece));
    socket.once("error", ({ message }) => fail(message));
    socket.once("close", () => resolve(text));
  });
}
