import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { readAnonymousRole } from "../../src/gateway/anonymous-role.ts";
import { createApp } from "../../src/gateway/app.ts";
import type { Sid } from "../../src/zab/configuration.ts";
import { eventually } from "./client.ts";
import { Ensemble } from "./ensemble.ts";
import { observe } from "./worker.ts";

const app = createApp({ readAnonymousRole });

/** An ensemble behind its HTTP door, whose members may change. */
class Door extends Ensemble {
  readonly #text: string;

  constructor(text: string) {
    super(text);
    this.#text = text;
  }

  /** An object that is no member yet: its variable is that of all. */
  prepare(sid: Sid): void {
    observe(this.nameOf(sid)).ensemble = this.#text;
  }

  async send(line: string, headers: Record<string, string> = {}, body?: object): Promise<Response> {
    const [method = "", path = ""] = line.split(" ");
    const json = body === undefined ? {} : { "Content-Type": "application/json" };
    const request = new Request(`http://127.0.0.1:8787/ns/${this.namespace}${path}`, {
      method,
      headers: { ...headers, ...json },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const { OBSERVED } = env as unknown as Record<string, DurableObjectNamespace>;
    const variables = { SHARD: OBSERVED, ENSEMBLE: this.#text, FOUR_LETTER_WORDS: "*" };
    return app.fetch(request, { ...env, ...variables });
  }

  reconfigure(change: object): Promise<Response> {
    return this.send("POST /ensemble/reconfig", {}, change);
  }
}

describe("reconfiguration over HTTP", () => {
  it("[EM23][RF11] new members catch up, then join, and take over", async () => {
    const door = new Door("1");
    for (const sid of [2, 3]) door.prepare(sid);
    expect((await door.send("PUT /znodes/a")).status).toBe(201);
    const joining = [{ id: 2, region: "weur" }, { id: 3 }];

    const first = await door.reconfigure({ joining, version: "0" });
    expect([first.status, await first.json()]).toMatchObject([503, { code: "NEWCONFIGNOQUORUM" }]);
    const answer = await eventually(async () => {
      const response = await door.reconfigure({ joining, version: "0" });
      expect(response.status).toBe(200);
      return (await response.json()) as { readonly configuration: string };
    });

    expect(answer.configuration).toMatch(
      /^server.1=any:2888:3888:participant\nserver.2=weur:2888:3888:participant\nserver.3=any:.*\nversion=/,
    );
    await door.stop(1);
    const local = { Member: "2" };
    expect((await eventually(async () => ok(await door.send("PUT /znodes/b", local)))).status).toBe(
      201,
    );
  }, 30_000);

  it.each([
    [{}, 400],
    [{ leaving: [1, 2, 3] }, 400],
    [{ joining: [{ id: 4, region: "mars" }] }, 400],
    [{ joining: [{ id: 0 }] }, 400],
    [{ leave: [3] }, 400],
    [{ leaving: [3], version: "7" }, 412],
  ])("[EM23] %j is answered %i, and nothing changes", async (change, status) => {
    const door = new Door("3");
    await door.send("PUT /znodes/a");

    expect((await door.reconfigure(change)).status).toBe(status);

    expect(await (await door.send("GET /ensemble")).json()).toMatchObject({ version: "0" });
  });
});

describe("read-only mode", () => {
  it("[EM21] without a majority local reads are answered, and isro says so", async () => {
    const door = new Door("3");
    await door.send("PUT /znodes/a");
    for (const sid of door.sids) {
      await eventually(async () => {
        const headers = { Member: `${sid}`, Consistency: "local" };
        expect((await door.send("GET /znodes/a", headers)).status).toBe(200);
      });
    }
    await door.stop(1);
    await door.stop(2);
    expect((await door.send("PUT /znodes/b")).status).toBe(503);

    const word = await eventually(async () => {
      const text = await (await door.send("GET /four-letter-words/isro")).text();
      expect(text).toBe("ro");
      return text;
    });

    expect(word).toBe("ro");
    const local = await door.send("GET /znodes/a", { Consistency: "local" });
    expect(local.status).toBe(200);
    expect((await door.send("PUT /znodes/b")).status).toBe(503);
  }, 40_000);
});

function ok(response: Response): Response {
  expect(response.status).toBeLessThan(300);
  return response;
}
