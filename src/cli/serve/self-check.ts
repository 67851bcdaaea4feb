import { readFileSync } from "node:fs";
import { get as getHttp, type IncomingMessage } from "node:http";
import { get as getHttps } from "node:https";
import { CommandError } from "../command-error.ts";
import type { ListenAddress } from "../listen-address.ts";

/** How long a server may take to answer at first, milliseconds. */
const ANSWER_MS = 10_000;

/** How a server on all addresses of this machine is reached from here. */
const EVERYWHERE: Readonly<Record<string, string>> = {
  "0.0.0.0": "127.0.0.1",
  "*": "127.0.0.1",
  "::": "::1",
};

/**
 * Asks a server that has just begun to listen for its health, as anybody may: that it listens does not
 * say that its configuration makes sense.
 *
 * @param cert - file of the certificates that it shows; whose name they bear doesn't matter here.
 * @throws CommandError (as a rejection) with what it said instead.
 */
export async function checkHealth({ host, port }: ListenAddress, cert?: string): Promise<void> {
  const options = {
    host: EVERYWHERE[host] ?? host,
    port,
    path: "/healthz",
    timeout: ANSWER_MS,
    headers: { Connection: "close" },
  };
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const request =
    cert === undefined
      ? getHttp(options, resolve)
      : getHttps({ ...options, ...onlyTrusting(cert) }, resolve);
  request.once("error", reject);
  request.once("timeout", () => request.destroy(new Error("no answer")));
  try {
    const answer = await promise;
    const body = await textOf(answer);
    if (answer.statusCode === 200) return;
    throw new CommandError(`expected the server to be healthy, saw ${detailOf(body)}`);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const seen = error instanceof Error ? error.message : String(error);
    throw new CommandError(`expected the server to answer, saw ${seen}`);
  }
}

function onlyTrusting(cert: string): object {
  return {
    ca: readFileSync(cert),
    allowPartialTrustChain: true,
    checkServerIdentity: () => undefined,
  };
}

async function textOf(answer: IncomingMessage): Promise<string> {
  let text = "";
  for await (const piece of answer.setEncoding("utf8")) text += String(piece);
  return text;
}

/** The sentence of a problem, or all that was said. */
function detailOf(body: string): string {
  try {
    return (JSON.parse(body) as { readonly detail?: string }).detail ?? body;
  } catch {
    return body;
  }
}
