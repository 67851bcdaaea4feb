import { expect, test } from "vitest";
import { MasterWorker, type Task } from "../../../src/recipes/index.ts";
import { Stage } from "./faulty-client.ts";

async function start() {
  const stage = new Stage();
  const [master, one, two] = [await stage.client(), await stage.client(), await stage.client()];
  return { stage, master, one, two };
}

const upper = async ({ data }: Task): Promise<string> => data.toUpperCase();

test("[RP82] tasks are done by whoever is free, and results come back once", async () => {
  const { stage, master, one, two } = await start();
  const abort = new AbortController();
  const { signal } = abort;
  const working = [one, two].map(({ zk }, index) =>
    new MasterWorker(zk, "/jobs").work(`w${index}`, upper, { signal }),
  );
  const jobs = new MasterWorker(master.zk, "/jobs");
  const ids: string[] = [];
  for (const data of ["a", "b", "c"]) ids.push(await stage.until(jobs.submit(data)));
  const results = await stage.until(Promise.all(ids.map((id) => jobs.result(id))));
  expect(results).toEqual(["A", "B", "C"]);
  await using workers = jobs.workers();
  await stage.until(workers.ready);
  expect([...workers.members.keys()]).toEqual(["w0", "w1"]);
  abort.abort();
  await stage.until(Promise.all(working));

  expect((await master.zk.children("/jobs/results")).children).toEqual([]);
});

test("[RP83] the task of a worker that dies is done by another one, with a larger token", async () => {
  const { stage, master, one, two } = await start();
  const tokens: number[] = [];
  const jobs = new MasterWorker(master.zk, "/jobs");
  const id = await stage.until(jobs.submit("a"));
  const dead = new MasterWorker(one.zk, "/jobs").work("dead", (task) => {
    tokens.push(task.token);
    one.offline();
    return new Promise(() => undefined);
  });
  void dead;
  await stage.pass(1_000);
  const abort = new AbortController();
  const { signal } = abort;
  const alive = new MasterWorker(two.zk, "/jobs").work(
    "alive",
    (task) => {
      tokens.push(task.token);
      return upper(task);
    },
    { signal },
  );

  expect(await stage.until(jobs.result(id))).toBe("A");
  expect(tokens).toHaveLength(2);
  expect(tokens[1]).toBeGreaterThan(tokens[0] ?? 0);
  abort.abort();
  await stage.until(alive);
});

test("[RP83] a task that fails is given back, and ends its worker", async () => {
  const { stage, master, one, two } = await start();
  const jobs = new MasterWorker(master.zk, "/jobs");
  const id = await stage.until(jobs.submit("a"));
  const failing = new MasterWorker(one.zk, "/jobs")
    .work("failing", () => Promise.reject(new Error("broken")))
    .catch((error: unknown) => error);
  expect(String(await stage.until(failing))).toContain("broken");
  const abort = new AbortController();
  const { signal } = abort;
  const working = new MasterWorker(two.zk, "/jobs").work("working", upper, { signal });

  expect(await stage.until(jobs.result(id))).toBe("A");
  abort.abort();
  await stage.until(working);
});

test("[RP82] whoever lost a task writes no result that nobody would fetch", async () => {
  const { stage, master, one, two } = await start();
  const jobs = new MasterWorker(master.zk, "/jobs");
  const id = await stage.until(jobs.submit("a"));
  const abort = new AbortController();
  const { signal } = abort;
  const done = Promise.withResolvers<string>();
  const late = new MasterWorker(one.zk, "/jobs").work("late", () => done.promise, { signal });
  await stage.pass(1_000);
  const next = new MasterWorker(two.zk, "/jobs").work("next", upper, { signal });
  await stage.pass(1_000);
  await stage.expire(one);
  expect(await stage.until(jobs.result(id))).toBe("A");
  done.resolve("late");
  await stage.pass(1_000);
  abort.abort();
  await stage.until(Promise.all([late, next]));

  expect((await master.zk.children("/jobs/results")).children).toEqual([]);
});

test("[RP82] a task whose id has a result already is done all the same", async () => {
  const { stage, master, one } = await start();
  const jobs = new MasterWorker(master.zk, "/jobs");
  for (const data of ["a", "b"]) await stage.until(jobs.submit(data, "same"));
  const abort = new AbortController();
  const { signal } = abort;
  const working = new MasterWorker(one.zk, "/jobs").work("w", upper, { signal });
  await stage.pass(1_000);
  abort.abort();
  await stage.until(working);

  expect((await master.zk.children("/jobs/tasks/entries")).children).toEqual([]);
  expect(await stage.until(jobs.result("same"))).toBe("A");
});
