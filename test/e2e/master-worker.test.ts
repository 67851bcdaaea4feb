import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cleanUp } from "./clean-up.ts";
import { Connection } from "./client/connection.ts";
import { ParticipantProcess } from "./participant-process.ts";
import { poll } from "./poll.ts";
import { newFolder, Service } from "./service.ts";

/** What the candidates and workers ask for: the shortest session timeout there is. */
const TIMEOUT_MS = 4_000;
/** A session may end up to one tick after its timeout. */
const TICK_MS = 2_000;

let service: Service;

beforeAll(async () => {
  service = await Service.start();
});
afterAll(cleanUp);

/** A namespace of its own, with the persistent znodes, one master, one standby and workers. */
async function startCast(namespace: string, workers: readonly string[]) {
  const url = `${service.base}/ns/${namespace}`;
  const work = join(newFolder(), "work");
  writeFileSync(work, "");
  const observer = await Connection.open(url, { timeoutMs: 30_000 });
  for (const path of ["/workers", "/tasks", "/assign"]) await observer.create(path);
  const ann = new ParticipantProcess("candidate", { url, name: "ann" });
  await ann.reported("elected");
  const bob = new ParticipantProcess("candidate", { url, name: "bob" });
  await bob.reported("watches");
  const stallsOn = "never mind";
  const startWorker = (name: string, stall = stallsOn) =>
    new ParticipantProcess("worker", { url, name, work, stallsOn: stall });
  const cast = workers.map((name) => startWorker(name));
  for (const worker of cast) await worker.reported("registered");
  const addTasks = (count: number, what: string) =>
    new ParticipantProcess("task-client", { url, count: `${count}`, what });
  const workDone = () => readFileSync(work, "utf8").trim().split("\n").toSorted();
  const tasksDone = () => workDone().map((line) => line.slice(0, line.indexOf(" ")));
  return { observer, ann, bob, startWorker, addTasks, workDone, tasksDone };
}

const task = (number: number) => `task-${`${number}`.padStart(10, "0")}`;
const tasks = (count: number) => Array.from({ length: count }, (_, number) => task(number));

test("[EE1] one candidate becomes master, hands out tasks in order, and each is done once", async () => {
  const { observer, ann, bob, addTasks, tasksDone } = await startCast("textbook", ["w1", "w2"]);

  const client = addTasks(20, "dig");
  await client.group.succeed();

  expect(await observer.data("/master")).toBe("ann");
  expect(bob.all("elected")).toEqual([]);
  expect(bob.all("watches")).toEqual(["ann"]);
  expect(client.all("added")).toEqual(tasks(20).map((name) => `/tasks/${name}`));
  expect(ann.all("assigned")).toEqual(tasks(20));
  expect(client.all("status")).toHaveLength(20);
  expect(tasksDone()).toEqual(tasks(20));
});

test("[EE2] the master is killed: its ephemeral goes at the timeout, the standby goes on, no task is lost or done twice", async () => {
  const { observer, ann, bob, addTasks, tasksDone } = await startCast("master-dies", ["w1", "w2"]);
  const gone = observer.nextEvent("/master");
  await observer.exists("/master", true);
  const before = addTasks(200, "dig");
  await before.reported("status", 5);

  const killedMs = Date.now();
  await ann.group.kill();
  const during = addTasks(10, "fill");
  expect(await gone).toMatchObject({ event: "NodeDeleted", path: "/master" });
  const goneMs = Date.now();
  await bob.reported("elected");
  await before.group.succeed();
  await during.group.succeed();

  // Its last sign of life came up to a third of the timeout before it was killed.
  expect(goneMs - killedMs).toBeGreaterThan(TIMEOUT_MS - TIMEOUT_MS / 3 - 100);
  expect(goneMs - killedMs).toBeLessThan(TIMEOUT_MS + TICK_MS + 4_000);
  expect(await observer.data("/master")).toBe("bob");
  expect(bob.all("assigned").length).toBeGreaterThanOrEqual(10);
  expect(tasksDone()).toEqual(tasks(210));
  const assigned = [...ann.all("assigned"), ...bob.all("assigned")];
  expect(new Set(assigned).size).toBe(assigned.length);
});

test("[EE3] a worker is killed: its ephemeral goes and its tasks are done by another one", async () => {
  const { observer, ann, startWorker, addTasks, workDone } = await startCast("worker-dies", ["w2"]);
  // The first by name, so that it gets a task even if the other one is always done already.
  const victim = startWorker("w1", "dig");
  await victim.reported("registered");
  const client = addTasks(6, "dig");
  const stuck = (await victim.reported("took")) as string;
  await ann.reported("assigned", 6);
  await poll("w2 has nothing left", async () =>
    (await observer.children("/assign/w2")).length === 0 ? true : undefined,
  );
  const left = await observer.children("/assign/w1");

  await victim.group.kill();
  await client.group.succeed();

  expect(left).toContain(stuck);
  expect(await observer.children("/workers")).toEqual(["w2"]);
  const moved = ann.facts.filter((fact) => fact["from"] === "w1");
  expect(moved.map((fact) => [fact["assigned"], fact["to"]])).toEqual(
    left.map((name) => [name, "w2"]),
  );
  expect(workDone()).toEqual(tasks(6).map((name) => `${name} w2`));
});
