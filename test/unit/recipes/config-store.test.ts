import { expect, test } from "vitest";
import { ConfigStore } from "../../../src/recipes/index.ts";
import { Stage } from "./faulty-client.ts";

interface Limits {
  readonly perSecond: number;
}

function parse(json: unknown): Limits {
  const { perSecond } = json as Partial<Limits>;
  if (typeof perSecond !== "number") throw new TypeError("expected perSecond to be a number");
  return { perSecond };
}

async function start() {
  const stage = new Stage();
  const [reader, writer] = [await stage.client(), await stage.client()];
  const seen: number[] = [];
  const faults: string[] = [];
  const options = {
    parse,
    onChange: ({ perSecond }: Limits): void => void seen.push(perSecond),
    onInvalid: (error: unknown): void => void faults.push(String(error)),
  };
  return { stage, reader, writer, seen, faults, options };
}

test("[RP73] a configuration is followed live, from its making on, over lost sessions", async () => {
  const { stage, reader, writer, seen, options } = await start();
  await using config = new ConfigStore(reader.zk, "/config/limits", options);
  await using author = new ConfigStore(writer.zk, "/config/limits", { parse });
  await stage.pass(100);
  expect(config.current).toBeUndefined();
  await stage.until(author.update(() => ({ perSecond: 10 })));
  expect(await stage.until(config.ready)).toEqual({ perSecond: 10 });
  await stage.until(author.update((old) => ({ perSecond: (old?.perSecond ?? 0) + 1 })));
  await stage.pass(100);
  reader.offline();
  await stage.pass(15_000);
  await stage.until(author.update(() => ({ perSecond: 50 })));
  expect(config.current).toEqual({ perSecond: 11 });
  reader.online();
  await stage.pass(6_000);

  expect(seen).toEqual([10, 11, 50]);
});

test("[RP74] what is not valid is neither written nor believed", async () => {
  const { stage, reader, writer, seen, faults, options } = await start();
  await using config = new ConfigStore(reader.zk, "/limits", options);
  await stage.until(config.update(() => ({ perSecond: 10 })));
  await stage.until(config.ready);
  const wrong = { perSecond: "many" } as unknown as Limits;
  await expect(config.update(() => wrong)).rejects.toThrow("expected perSecond");
  await writer.zk.set("/limits", "{}");
  await stage.pass(100);

  expect(config.current).toEqual({ perSecond: 10 });
  expect(seen).toEqual([10]);
  expect(faults).toEqual(["TypeError: expected perSecond to be a number"]);
});

test("[RP74] a first configuration that is not valid is told", async () => {
  const { stage, reader, writer, options } = await start();
  await writer.zk.create("/limits", "no JSON");
  await using config = new ConfigStore(reader.zk, "/limits", options);

  await expect(stage.until(config.ready)).rejects.toThrow("JSON");
});
