import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { TlsOptions } from "../../client/tcp-transport.ts";
import { parseConnectString } from "../../client/server-list.ts";
import type { FourLetterWord } from "../../protocol/four-letter-word.ts";
import { CommandError } from "../command-error.ts";
import type { ConnectionOptions } from "./dial-server.ts";
import { wordRoute, wordText } from "./four-letter-answer.ts";
import { readServerAddress } from "./server-address.ts";
import { describeError, describeStatus } from "./service-failure.ts";
import { getFromService } from "./service-get.ts";
import { readService, readTls, routeUrl, type Service } from "./service.ts";

/** How long a server may be silent, milliseconds. */
const SILENT_MS = 5_000;

/** What is expected of a service that is asked. */
const AN_ANSWER = "an answer of the service";

/**
 * Asks a four-letter word: a service over HTTP, a ZooKeeper, the first one named, over TCP.
 *
 * @throws CommandError (as a rejection) if nobody answers, or the service wants another token.
 */
export function askWord(
  server: string,
  word: FourLetterWord,
  options: ConnectionOptions,
): Promise<string> {
  const address = readServerAddress(server, options);
  if (address.kind === "service") {
    return askService(readService({ ...options, url: address.url, option: "--server" }), word);
  }
  const [first = ""] = parseConnectString(address.connectString).servers;
  return askOverTcp(first, address.isSecure ? readTls(options) : undefined, word);
}

async function askService(service: Service, word: FourLetterWord): Promise<string> {
  const route = wordRoute(word);
  const url = routeUrl(service, route);
  const answer = await getFromService(service, route).catch((error: unknown) => {
    const reason = error instanceof Error ? error : new Error(String(error));
    throw new CommandError(describeError(url, reason, AN_ANSWER));
  });
  if (answer.status === 401 || answer.status === 403) {
    throw new CommandError(describeStatus(url, answer.status, answer.text, AN_ANSWER));
  }
  return wordText(word, answer);
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
