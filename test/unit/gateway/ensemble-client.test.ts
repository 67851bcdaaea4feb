import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { EnsembleClient, type LeaderHints } from "../../../src/gateway/ensemble-client.ts";
import { BY_LEADER, type Placement } from "../../../src/gateway/placement.ts";
import type { Routing, ShardCall } from "../../../src/shard/shard-api.ts";
import { LEADER_HEADER, ROUTING_HEADER } from "../../../src/shard/shard-api.ts";
import type { Configuration } from "../../../src/zab/configuration.ts";

const ENSEMBLE: Configuration = {
  version: 0,
  members: [
    { sid: 1, type: "participant", region: "enam" },
    { sid: 2, type: "participant" },
    { sid: 3, type: "participant" },
  ],
};
const IDENTITY = { role: "admin", ids: [] } as const;
const READ: ShardCall = { identity: IDENTITY, request: { op: "ping" } };
const WRITE: ShardCall = {
  identity: IDENTITY,
  request: { op: "delete", path: "/a", version: -1 },
};
const ANSWER = { zxid: 7, outcome: { op: "ping" }, isReplayed: false };

/** Three members: who leads, who can be reached, and what they were asked. */
class FakeEnsemble {
  leader: number | undefined = 3;
  readonly gone = new Set<number>();
  readonly calls: string[] = [];
  readonly hints: LeaderHints = new Map();
  /** Given before {@link ANSWER}. */
  readonly answers: object[] = [];
  readonly options: (readonly [string, object])[] = [];

  client(placement: Placement = BY_LEADER): EnsembleClient {
    const objects = {
      getByName: (name: string, options: object) => {
        this.options.push([name, options]);
        return this.#member(Number(name.slice("app:/#".length)));
      },
    } as unknown as ConstructorParameters<typeof EnsembleClient>[0]["objects"];
    const { hints } = this;
    return new EnsembleClient({ objects, namespace: "app", ensemble: ENSEMBLE, hints, placement });
  }

  #member(sid: number): object {
    const answer = <T>({ by, lost, canBeReadOnly = false }: Routing, value: T, mark = "") => {
      const who = `${sid}${mark}${canBeReadOnly ? " read-only" : ""}`;
      this.calls.push(lost === undefined ? who : `${who} without ${lost}`);
      if (this.gone.has(sid)) throw new Error("Network connection lost.");
      const serves = this.leader === undefined ? canBeReadOnly : by === "any";
      if (serves || sid === this.leader) return { type: "served", value };
      return { type: "notServing", leader: this.leader };
    };
    return {
      routed: async (routing: Routing, method?: string) => {
        if (method === undefined) return answer(routing, undefined, "?");
        const isServed = routing.by === "any" || sid === this.leader;
        return answer(routing, (isServed ? this.answers.shift() : undefined) ?? ANSWER);
      },
      fetch: async (request: Request) => {
        const routing = JSON.parse(request.headers.get(ROUTING_HEADER) ?? "") as Routing;
        const result = answer(routing, undefined);
        if (result.type === "served") return new Response("socket");
        const headers = this.leader === undefined ? {} : { [LEADER_HEADER]: `${this.leader}` };
        return new Response(null, { status: 421, headers });
      },
    };
  }
}

describe("a call to an ensemble", () => {
  it("[EM10] is served by the leader, which the next call asks at once", async () => {
    const ensemble = new FakeEnsemble();

    expect(await ensemble.client().call(WRITE)).toBe(ANSWER);
    await ensemble.client().call(WRITE);

    expect(ensemble.calls).toEqual(["1?", "3", "3"]);
  });

  it("[EM10] upgrades go there, too", async () => {
    const ensemble = new FakeEnsemble();

    const response = await ensemble.client().fetch(new Request("https://shard/ws"));

    expect(await response.text()).toBe("socket");
    expect(ensemble.calls).toEqual(["1", "3"]);
  });

  it("[EM5] members are objects of their own, made in their regions", async () => {
    const ensemble = new FakeEnsemble();

    await ensemble.client().call(READ);

    expect(ensemble.options).toEqual([
      ["app:/#1", { locationHint: "enam" }],
      ["app:/#3", {}],
    ]);
  });

  it("[EM11] a read goes on to the others when the leader is lost", async () => {
    const ensemble = new FakeEnsemble();
    await ensemble.client().call(READ);
    ensemble.gone.add(3);
    ensemble.leader = 2;

    expect(await ensemble.client().call(READ)).toBe(ANSWER);

    expect(ensemble.calls.slice(2)).toEqual(["3", "1 without 3", "2 without 3"]);
  });

  it("[EM11] a write fails when its member is lost, and the next one looks for another", async () => {
    const ensemble = new FakeEnsemble();
    await ensemble.client().call(WRITE);
    ensemble.gone.add(3);
    ensemble.leader = 1;

    await expect(ensemble.client().call(WRITE)).rejects.toThrow("Network connection lost.");
    await ensemble.client().call(WRITE);
    await ensemble.client().call(WRITE);

    expect(ensemble.calls.slice(2)).toEqual(["3", "1? without 3", "1 without 3", "1"]);
  });

  it("[EM11] a write is sent only to who is said to lead, so that few are in doubt", async () => {
    const ensemble = new FakeEnsemble();
    ensemble.gone.add(1);

    await ensemble.client().call(WRITE);

    expect(ensemble.calls).toEqual(["1?", "2? without 1", "3 without 1"]);
  });

  it("[EM11] a write with an idempotency key goes on: made twice it is done once", async () => {
    const ensemble = new FakeEnsemble();
    await ensemble.client().call(READ);
    ensemble.gone.add(3);
    ensemble.leader = 1;

    const answer = await ensemble.client().call({ ...WRITE, options: { idempotencyKey: "k" } });

    expect(answer).toBe(ANSWER);
  });

  it("[EM11] a read whose member lost its leader meanwhile goes on, too", async () => {
    const ensemble = new FakeEnsemble();
    ensemble.answers.push({ ...ANSWER, outcome: { code: -4, message: "no leader" } });

    expect(await ensemble.client().call(READ)).toBe(ANSWER);
  });

  it("[EM13] a local one is served by whoever is asked", async () => {
    const ensemble = new FakeEnsemble();
    ensemble.gone.add(1);

    await ensemble.client({ type: "any", near: [] }).call(READ);

    expect(ensemble.calls).toEqual(["1", "2 without 1"]);
    expect(ensemble.hints.size).toBe(0);
  });

  it("[EM22] when sessions end is asked of the leader, whoever is to serve the rest", async () => {
    const ensemble = new FakeEnsemble();
    const client = ensemble.client({ type: "member", sid: 2 });

    await client.describeSession({ identity: IDENTITY, id: 7 });
    await client.status(["sessions"]);
    await client.status(["connections"]);

    expect(ensemble.calls).toEqual(["1", "3", "3", "2"]);
  });

  it("[EM14] one for a member asks no other", async () => {
    const ensemble = new FakeEnsemble();

    await ensemble.client({ type: "member", sid: 2 }).call(WRITE);

    expect(ensemble.calls).toEqual(["2?", "2"]);
  });
});

describe("without a leader", () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it("[EM12] a call waits for an election, and is served by its winner", async () => {
    const ensemble = new FakeEnsemble();
    ensemble.leader = undefined;
    const answer = ensemble.client().call(WRITE);
    await vi.advanceTimersByTimeAsync(1_000);
    ensemble.leader = 2;
    await vi.advanceTimersByTimeAsync(100);

    expect(await answer).toBe(ANSWER);
  });

  it("[EM21] a local read is served by a member that serves read-only", async () => {
    const ensemble = new FakeEnsemble();
    ensemble.leader = undefined;
    ensemble.gone.add(1);
    const local = { ...READ, options: { consistency: "local" } } as const;

    expect(await ensemble.client({ type: "any", near: [] }).call(local)).toBe(ANSWER);

    expect(ensemble.calls).toEqual(["1 read-only", "2 read-only without 1"]);
  });

  it("[EM21] a native client comes to one once nobody was found to lead", async () => {
    const ensemble = new FakeEnsemble();
    ensemble.leader = undefined;
    ensemble.gone.add(1);
    const headers = { "Sec-WebSocket-Protocol": "zookeeper" };
    const response = ensemble.client().fetch(new Request("https://shard/ws", { headers }));
    await vi.advanceTimersByTimeAsync(5_000);

    expect(await (await response).text()).toBe("socket");
    expect(ensemble.calls.slice(-2)).toEqual(["1 read-only", "2 read-only"]);
  });

  it("[EM21] a client of JSON that wants the leader's tree does not", async () => {
    const ensemble = new FakeEnsemble();
    ensemble.leader = undefined;
    const refusal = ensemble
      .client()
      .fetch(new Request("https://shard/ws"))
      .catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(5_000);

    expect(await refusal).toMatchObject({ status: 503 });
    expect(ensemble.calls.some((call) => call.includes("read-only"))).toBe(false);
  });

  it("[EM12] a call is refused after a while: nothing was done, and may be tried again", async () => {
    const ensemble = new FakeEnsemble();
    ensemble.leader = undefined;
    ensemble.gone.add(2).add(3);
    const refusal = ensemble
      .client()
      .call(READ)
      .catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(5_000);

    expect(await refusal).toMatchObject({
      status: 503,
      message:
        "no leader: expected a majority of 2 of 3 members, 2 of 3 can't be reached; nothing was done",
    });
  });
});
