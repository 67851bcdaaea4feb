import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { afterEach, expect, it } from "vitest";
import { askWord } from "../../../src/cli/server/ask-word.ts";

const PROBLEM = JSON.stringify({ detail: "expected Authorization: Bearer <token>, got none" });

const OPTIONS = { timeout: 10_000 };

let server: Server | undefined;

afterEach(() => server?.close());

/** A service that answers everything the same. */
async function listen(status: number, body: string, contentType: string): Promise<string> {
  server = createServer((_, response) => {
    response.writeHead(status, { "content-type": contentType }).end(body);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : address}`;
}

it("[SH17] where no service listens, that is said, and not that it does not serve", async () => {
  const url = await listen(200, "ok", "text/plain");
  server?.close();

  for (const word of ["ruok", "isro", "srvr"] as const) {
    await expect(askWord(url, word, OPTIONS)).rejects.toThrow(
      new RegExp(`^expected a service at ${url}, saw: .*ECONNREFUSED`),
    );
  }
});

it("[SH17] a service that wants a token says so", async () => {
  const url = await listen(401, PROBLEM, "application/problem+json");

  await expect(askWord(url, "srvr", OPTIONS)).rejects.toThrow(
    `expected an answer of the service at ${url}/four-letter-words/srvr, saw 401, expected ` +
      "Authorization: Bearer <token>, got none (pass a token it knows by --token-file or EDGEKEEPER_TOKEN)",
  );
});

it("[SH17] a service that is there and not well is not serving", async () => {
  const url = await listen(503, "", "text/plain");

  expect(await askWord(url, "ruok", OPTIONS)).toMatch(/not currently serving/);
});
