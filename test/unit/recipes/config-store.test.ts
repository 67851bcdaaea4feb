import { expect, test } from "vitest";
import { z } from "zod";
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

test("[RP84] a configuration is what a Standard Schema makes of JSON, and it says what is wrong", async () => {
  const { stage, reader } = await start();
  const schema = z.object({ perSecond: z.number(), burst: z.number().default(5) });
  await using config = new ConfigStore(reader.zk, "/limits", { schema });
  const wrong = { perSecond: "many" } as unknown as z.output<typeof schema>;
  await expect(stage.until(config.update(() => wrong))).rejects.toThrow(/^perSecond: .*number/);
  expect(await reader.zk.exists("/limits")).toBeUndefined();
  await reader.zk.create("/limits", '{"perSecond":10}');

  expect(await stage.until(config.ready)).toEqual({ perSecond: 10, burst: 5 });
});

test("[RP84] a schema that needs time to find out is refused", async () => {
  const { stage, reader } = await start();
  const schema = z.number().refine(async () => true);
  await using config = new ConfigStore(reader.zk, "/limit", { schema });

  await expect(stage.until(config.update(() => 1))).rejects.toThrow("saw a promise");
});

test("[RP74] a first configuration that is not valid is told", async () => {
  const { stage, reader, writer, options } = await start();
  await writer.zk.create("/limits", "no JSON");
  await using config = new ConfigStore(reader.zk, "/limits", options);

  await expect(stage.until(config.ready)).rejects.toThrow("JSON");
});

/** The first configurations that a store yields. */
async function observed(
  config: ConfigStore<Limits>,
  count: number,
  signal?: AbortSignal,
): Promise<number[]> {
  const seen: number[] = [];
  for await (const { perSecond } of config.observe({ signal })) {
    seen.push(perSecond);
    if (seen.length === count) break;
  }
  return seen;
}

test("[PG2] a configuration is observed from its making on, over lost sessions", async () => {
  const { stage, reader, writer } = await start();
  await using config = new ConfigStore(reader.zk, "/limits", { parse });
  await using author = new ConfigStore(writer.zk, "/limits", { parse });
  const seen = observed(config, 3);
  for (const perSecond of [1, 2]) {
    await stage.until(author.update(() => ({ perSecond })));
    await stage.pass(100);
  }
  reader.offline();
  await stage.pass(15_000);
  await stage.until(author.update(() => ({ perSecond: 3 })));
  reader.online();

  expect(await stage.until(seen)).toEqual([1, 2, 3]);
});

test("[PG2] who comes later, or is slow, sees the last one", async () => {
  const { stage, writer, options } = await start();
  await using config = new ConfigStore(writer.zk, "/limits", options);
  await stage.until(config.update(() => ({ perSecond: 1 })));
  const changes = config.observe();
  expect((await stage.until(changes.next())).value).toEqual({ perSecond: 1 });
  for (const perSecond of [2, 3]) await stage.until(config.update(() => ({ perSecond })));
  await stage.pass(100);

  expect((await stage.until(changes.next())).value).toEqual({ perSecond: 3 });
});

test("[PG2] observing ends with the store, the signal and the client", async () => {
  const { stage, reader } = await start();
  await using closed = new ConfigStore(reader.zk, "/limits", { parse });
  await using config = new ConfigStore(reader.zk, "/limits", { parse });
  const end = observed(closed, 1);
  await closed.close();
  expect(await end).toEqual([]);
  const abort = new AbortController();
  const aborted = observed(config, 1, abort.signal);
  abort.abort(new Error("enough"));
  await expect(aborted).rejects.toThrow("enough");
  const orphaned = observed(config, 1);
  await stage.until(reader.zk.close());
  await expect(orphaned).rejects.toThrow("SESSIONEXPIRED");
});

test("[RP74] one that is deleted while it is changed is made anew, as a valid one", async () => {
  const { stage, reader, writer, seen, faults, options } = await start();
  await writer.zk.create("/limits", '{"perSecond":1}');
  await using config = new ConfigStore(reader.zk, "/limits", options);
  await stage.until(config.ready);
  const author = new ConfigStore(writer.zk, "/limits", { parse });
  await stage.until(author.ready);
  const updating = author.update((old) => ({ perSecond: (old?.perSecond ?? 9) + 1 }));
  void reader.zk.delete("/limits");
  await stage.until(updating);
  await stage.pass(100);

  expect(faults).toEqual([]);
  expect(seen).toEqual([1, 10]);
});
