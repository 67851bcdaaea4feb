import { describe, expect, test } from "vitest";
import {
  type Choice,
  leastLoaded,
  type LoadBalancing,
  NoInstanceError,
  random,
  roundRobin,
  ServiceRegistry,
  weighted,
} from "../../../src/recipes/index.ts";
import { Stage } from "./faulty-client.ts";

const A = { id: "a", address: "a:1", weight: 3 };
const B = { id: "b", address: "b:1" };

describe("load balancing", () => {
  const idsOf = (balancing: LoadBalancing, choices: readonly Partial<Choice>[]): string =>
    choices
      .map((choice) =>
        balancing({ instances: [A, B], turn: 0, chance: 0, load: () => 0, ...choice }),
      )
      .map((instance) => instance?.id ?? "nobody")
      .join(" ");

  test("[RP76] round robin takes one after the other, random anybody", () => {
    expect(idsOf(roundRobin, [{ turn: 0 }, { turn: 1 }, { turn: 2 }])).toBe("a b a");
    expect(idsOf(random, [{ chance: 0 }, { chance: 0.49 }, { chance: 0.5 }])).toBe("a a b");
  });

  test("[RP76] weighted takes in proportion, and never a weight of 0", () => {
    const chances = [0, 0.25, 0.5, 0.74, 0.75, 0.99].map((chance) => ({ chance }));
    const none = { instances: [{ ...A, weight: 0 }, B] };

    expect(idsOf(weighted, chances)).toBe("a a a a b b");
    expect(idsOf(weighted, [none, { instances: [{ ...A, weight: 0 }] }])).toBe("b nobody");
  });

  test("[RP76] least loaded takes who has the fewest uses for his weight", () => {
    const loads = (a: number, b: number): Partial<Choice> => ({
      load: ({ id }) => (id === "a" ? a : b),
    });

    expect(idsOf(leastLoaded, [loads(1, 1), loads(4, 1), loads(3, 0)])).toBe("a b b");
    expect(idsOf(leastLoaded, [{ turn: 0 }, { turn: 1 }])).toBe("a b");
    expect(idsOf(leastLoaded, [{ instances: [{ ...A, weight: 0 }] }])).toBe("nobody");
  });
});

describe("ServiceRegistry", () => {
  async function start() {
    const stage = new Stage();
    const [server, client] = [await stage.client(), await stage.client()];
    const registry = new ServiceRegistry(server.zk, "/services");
    const provider = new ServiceRegistry(client.zk, "/services").discover("web", leastLoaded);
    await stage.until(provider.ready);
    return { stage, server, client, registry, provider };
  }

  test("[RP75] instances are found while their sessions last, and come back with the next", async () => {
    const { stage, server, registry, provider } = await start();
    expect(() => provider.choose()).toThrow(NoInstanceError);
    const registered = registry.register("web", { ...A, payload: { zone: "x" } });
    await stage.until(registered.ready);
    await stage.pass(100);
    expect(provider.choose()).toEqual({ ...A, payload: { zone: "x" } });
    server.offline();
    await stage.pass(3_000);
    expect(provider.instances).toHaveLength(1);
    await stage.pass(10_000);
    expect(provider.instances).toEqual([]);
    server.online();
    await stage.pass(6_000);
    expect(provider.instances).toHaveLength(1);
    await stage.until(registered.close());
    await stage.pass(100);

    expect(provider.instances).toEqual([]);
  });

  test("[RP75] without a connection clients go on with whom they knew", async () => {
    const { stage, client, registry, provider } = await start();
    await stage.until(registry.register("web", A).ready);
    await stage.pass(100);
    client.offline();
    await stage.pass(20_000);

    expect(provider.choose().id).toBe("a");
  });

  test("[RP75] who registered something else is left out", async () => {
    const { stage, server, registry, provider } = await start();
    await stage.until(registry.register("web", B).ready);
    for (const [name, text] of [
      ["x", "no JSON"],
      ["y", "{}"],
      ["z", "null"],
    ] as const) {
      await server.zk.create(`/services/web/${name}`, text);
    }
    await stage.pass(100);

    expect(provider.instances).toEqual([B]);
  });

  test("[RP76] a use counts as load while it lasts, also one that fails", async () => {
    const { stage, registry, provider } = await start();
    const b = { ...B, weight: 3 };
    await stage.until(
      Promise.all([registry.register("web", A).ready, registry.register("web", b).ready]),
    );
    await stage.pass(100);
    const used: string[] = [];
    const done = Promise.withResolvers<never>();
    const uses = [1, 2, 3, 4].map(() =>
      provider
        .use(({ id }) => {
          used.push(id);
          return done.promise;
        })
        .catch(() => undefined),
    );
    expect(used.toSorted()).toEqual(["a", "a", "b", "b"]);
    done.reject(new Error("broken"));
    await Promise.all(uses);
    await provider.use(async ({ id }) => used.push(id));

    expect(used).toHaveLength(5);
  });
});
