import { expect, test } from "vitest";
import { SetPartitioner } from "../../../src/recipes/index.ts";
import { type FaultyClient, Stage } from "./faulty-client.ts";

const ITEMS = ["1", "2", "3", "4", "5", "6"];

/** Members, each with what it has, checked at each change that nobody has what another one has. */
async function start(count: number) {
  const stage = new Stage();
  const clients: FaultyClient[] = [];
  const members: SetPartitioner[] = [];
  const has = new Map<string, string>();
  const overlaps: string[] = [];
  const check = (): void => {
    has.clear();
    for (const [index, member] of members.entries()) {
      for (const item of member.items.keys()) {
        if (has.has(item)) overlaps.push(item);
        has.set(item, `${index}`);
      }
    }
  };
  for (let index = 0; index < count; index += 1) {
    const client = await stage.client();
    clients.push(client);
    members.push(
      new SetPartitioner(client.zk, "/set", ITEMS, { id: `m${index}`, onChange: check }),
    );
    await stage.pass(500);
  }
  const owners = (): string => ITEMS.map((item) => has.get(item) ?? "-").join("");
  return { stage, clients, members, owners, overlaps };
}

test("[RP80] a set is divided evenly, anew as members come and go, and nobody shares", async () => {
  const { stage, members, owners, overlaps } = await start(2);
  expect(owners()).toBe("010101");
  await stage.until((members[0] as SetPartitioner).close());
  await stage.pass(500);

  expect(owners()).toBe("111111");
  expect(overlaps).toEqual([]);
});

test("[RP81] what a member had that dies is divided when its session ends, and again when it is back", async () => {
  const { stage, clients, members, owners, overlaps } = await start(3);
  expect(owners()).toBe("012012");
  const tokens = new Map([...(members[2] as SetPartitioner).items].map(([k, v]) => [k, v.token]));
  clients[2]?.offline();
  await stage.pass(1_000);
  expect(members[2]?.items.size).toBe(0);
  await stage.pass(12_000);
  expect(owners()).toBe("010101");
  expect(members[0]?.items.get("3")?.token).toBeGreaterThan(tokens.get("3") ?? 0);
  clients[2]?.online();
  await stage.pass(10_000);

  expect(owners()).toBe("012012");
  expect(overlaps).toEqual([]);
});
