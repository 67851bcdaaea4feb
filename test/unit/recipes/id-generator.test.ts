import { expect, test } from "vitest";
import { IdGenerator } from "../../../src/recipes/index.ts";
import { Stage } from "./faulty-client.ts";

test("[RP72] nobody gets a number twice, and each gets growing ones, in few requests", async () => {
  const stage = new Stage();
  const clients = [await stage.client(), await stage.client()];
  const drawn = clients.map(async ({ zk }) => {
    const generator = new IdGenerator(zk, "/ids", 10);
    return await Promise.all(Array.from({ length: 25 }, () => generator.next()));
  });
  const [one = [], two = []] = await stage.until(Promise.all(drawn));

  expect(new Set([...one, ...two]).size).toBe(50);
  expect(one).toEqual(one.toSorted((a, b) => a - b));
  expect(clients[0]?.sent.length).toBeLessThan(20);
});

for (const fault of ["request", "answer"] as const) {
  test(`[RP72] no number is given out twice when any ${fault} is lost on the way`, async () => {
    for (let step = 0, didFail = true; didFail; step += 1) {
      const stage = new Stage();
      const [client, other] = [await stage.client(), await stage.client()];
      didFail = false;
      client.failAt((_op, index) => {
        if (index !== step) return undefined;
        didFail = true;
        return fault;
      });
      const generators = [client, other].map(({ zk }) => new IdGenerator(zk, "/ids", 2));
      const drawn: number[] = [];
      for (const generator of [...generators, ...generators, ...generators]) {
        drawn.push(await stage.until(generator.next()));
      }
      expect(new Set(drawn).size).toBe(6);
      expect(step).toBeLessThan(20);
    }
  });
}
