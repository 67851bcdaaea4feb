import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ZooKeeper } from "../../src/client/index.ts";
import {
  DoubleBarrier,
  FencingGuard,
  GroupMembership,
  LeaderElection,
  LeaderLatch,
  Lock,
  MasterWorker,
  Queue,
  Semaphore,
  ServiceRegistry,
  SetPartitioner,
} from "../../src/recipes/index.ts";
import { atEnd, cleanUp } from "./clean-up.ts";
import { ParticipantProcess } from "./participant-process.ts";
import { poll } from "./poll.ts";
import { newFolder, Service } from "./service.ts";

/** What participants ask for: the shortest session timeout there is. */
const TIMEOUT_MS = 4_000;
/** Its last sign of life comes up to a third of the timeout before it is killed. */
const SHORTEST_MS = TIMEOUT_MS - TIMEOUT_MS / 3 - 100;

let service: Service;
let zk: ZooKeeper;

beforeAll(async () => {
  service = await Service.start();
  zk = new ZooKeeper(service.base);
  atEnd(() => zk.close());
  await zk.create("/resource");
});
afterAll(cleanUp);

interface User {
  readonly role: string;
  readonly path: string;
  readonly name?: string;
  readonly file?: string;
}

function start({ role, path, name = "victim", file = "" }: User): ParticipantProcess {
  return new ParticipantProcess("recipe-user", { url: service.base, role, path, name, file });
}

/** Kills it, and says how long it took until something happened. */
async function killedUntil(victim: ParticipantProcess, end: Promise<unknown>): Promise<number> {
  const startMs = Date.now();
  await victim.group.kill();
  await end;
  return Date.now() - startMs;
}

/** Pauses it until something has happened, gives it an order, and lets it go on. */
async function pausedUntil<T>(victim: ParticipantProcess, end: Promise<T>): Promise<T> {
  victim.group.signal("SIGSTOP");
  const value = await end;
  victim.group.write("go on\n");
  victim.group.signal("SIGCONT");
  return value;
}

const linesOf = (file: string): readonly string[] =>
  readFileSync(file, "utf8").split("\n").slice(0, -1);

/** Waits until so many stand in line at a path. */
const inLine = (path: string, count: number) =>
  poll(`${count} are at ${path}`, async () =>
    (await zk.exists(path))?.numChildren === count ? true : undefined,
  );

// Each has a path and processes of its own; most of the time all wait for sessions to end.
describe.concurrent("a process", () => {
  test("[RP100] that holds a lock is killed: the next one has it when its session has ended", async () => {
    const path = "/lock-killed";
    const victim = start({ role: "hold", path, file: join(newFolder(), "uses") });
    const token = Number(await victim.reported("held"));
    const waiting = new Lock(zk, path).acquire();

    expect(await killedUntil(victim, waiting)).toBeGreaterThan(SHORTEST_MS);
    expect((await waiting).token).toBeGreaterThan(token);
  });

  test("[RP101] that waits in the middle is killed: those behind wait for its session, too", async () => {
    const path = "/waiter-killed";
    const lock = new Lock(zk, path);
    const held = await lock.acquire();
    const victim = start({ role: "hold", path, file: join(newFolder(), "uses") });
    await inLine(path, 2);
    let isNext = false;
    const waiting = lock.acquire().then(() => (isNext = true));
    await inLine(path, 3);
    await victim.group.kill();
    await held.release();
    await inLine(path, 2);
    expect(isNext).toBe(false);
    await waiting;
    expect(victim.all("held")).toEqual([]);
  });

  test("[RP102] that holds a lock is paused: it is overtaken, told, and refused by its token", async () => {
    const path = "/lock-paused";
    const file = join(newFolder(), "uses");
    const victim = start({ role: "hold", path, file });
    await victim.reported("held");
    let usesBefore = 0;
    const overtaking = new Lock(zk, path).acquire().then(async (next) => {
      await next.transaction().set("/resource", "next").commit();
      usesBefore = linesOf(file).length;
      return next;
    });
    const next = await pausedUntil(victim, overtaking);

    expect(await victim.reported("lost")).toMatch(/CONNECTIONLOSS|SESSIONEXPIRED/);
    expect(await victim.reported("wrote")).toMatch(/NONODE|CONNECTIONLOSS|SESSIONEXPIRED/);
    expect((await zk.get("/resource")).text).toBe("next");
    // The file itself takes what comes; a guard in front of it would not.
    const late = linesOf(file).slice(usesBefore).map(Number);
    const guard = new FencingGuard(next.token);
    for (const token of late) expect(() => guard.check(token)).toThrow("fencing token");
    process.stdout.write(`a paused holder used a file ${late.length} times behind the next one\n`);
  });

  test("[RP103] that has a lease is killed: it is free when its session has ended", async () => {
    const path = "/lease-killed";
    const victim = start({ role: "lease", path });
    await victim.reported("held");
    const semaphore = new Semaphore(zk, path, 2);
    await semaphore.acquire();

    expect(await killedUntil(victim, semaphore.acquire())).toBeGreaterThan(SHORTEST_MS);
  });

  test("[RP104] that leads is killed: the next one leads, and observers see it", async () => {
    const path = "/leader-killed";
    const victim = start({ role: "lead", path });
    const election = new LeaderElection(zk, path, { data: "next" });
    const leaders = election.observe();
    await victim.reported("held");
    const seen: (string | undefined)[] = [];
    const observing = (async () => {
      for await (const leader of leaders) {
        seen.push(leader?.id);
        if (leader?.id === "next") break;
      }
    })();
    void election.campaign(() => observing);

    expect(await killedUntil(victim, observing)).toBeGreaterThan(SHORTEST_MS);
    expect(seen.filter((id) => id !== undefined)).toEqual(["victim", "next"]);
  });

  test("[RP105] that leads is paused: another one leads, and it comes back behind him", async () => {
    const path = "/latch-paused";
    const victim = start({ role: "latch", path });
    await victim.reported("leads");
    await using latch = new LeaderLatch(zk, path, { id: "next" });
    await pausedUntil(victim, latch.waitForLeadership());
    await victim.reported("leads", 2);
    expect(victim.all("leads")).toEqual([true, false]);
    await inLine(path, 2);

    expect(await latch.participants()).toEqual(["next", "victim"]);
    expect(latch.isLeader).toBe(true);
  });

  test("[RP106] that has claimed an entry is killed: another one takes it", async () => {
    const path = "/consumer-killed";
    const queue = new Queue(zk, path);
    await queue.put("work");
    const victim = start({ role: "consume", path });
    expect(await victim.reported("claimed")).toBe("work");
    const taking = queue.take();

    expect(await killedUntil(victim, taking)).toBeGreaterThan(SHORTEST_MS);
    expect((await taking).hold.token).toBeGreaterThan(Number(victim.all("token")[0]));
  });

  test("[RP107] that has claimed an entry is paused: another one has it, and it cannot complete it", async () => {
    const path = "/consumer-paused";
    const queue = new Queue(zk, path);
    await queue.put("work");
    const victim = start({ role: "consume", path });
    await victim.reported("claimed");
    const claim = await pausedUntil(victim, queue.take());

    expect(await victim.reported("completed")).toBe("SESSIONEXPIRED");
    expect(await queue.count()).toBe(1);
    await claim.complete();
    expect(await queue.count()).toBe(0);
  });

  test("[RP108] that waits first in line at a queue is killed, and what comes is taken at once", async () => {
    const path = "/looker-killed";
    const victim = start({ role: "consume", path });
    await inLine(`${path}/waiting`, 1);
    const queue = new Queue(zk, path);
    const taking = queue.take();
    await inLine(`${path}/waiting`, 2);
    await victim.group.kill();
    const startMs = Date.now();
    await queue.put("work");

    expect((await taking).text).toBe("work");
    expect(Date.now() - startMs).toBeLessThan(SHORTEST_MS);
  });

  test("[RP109] that is inside a double barrier is killed: it counts as one that left", async () => {
    const path = "/double-killed";
    const barrier = new DoubleBarrier(zk, path, 2);
    const victim = start({ role: "enter", path });
    await Promise.all([barrier.enter(), victim.reported("entered")]);

    expect(await killedUntil(victim, barrier.leave())).toBeGreaterThan(SHORTEST_MS);
  });

  test("[RP110] that waits at a double barrier is killed: it is not counted any more", async () => {
    const path = "/double-waiter-killed";
    const victim = start({ role: "enter", path });
    await inLine(path, 1);
    await victim.group.kill();
    await inLine(path, 0);
    let isThrough = false;
    const entering = new DoubleBarrier(zk, path, 2).enter().then(() => (isThrough = true));
    await inLine(path, 1);
    expect(isThrough).toBe(false);
    const second = start({ role: "enter", path });
    await Promise.all([entering, second.reported("entered")]);
  });

  test("[RP111] that does a task is killed: another one does it, with a larger token", async () => {
    const path = "/worker-killed";
    const jobs = new MasterWorker(zk, path);
    const id = await jobs.submit("task");
    const victim = start({ role: "work", path });
    const token = Number(await victim.reported("took").then(() => victim.all("token")[0]));
    const abort = new AbortController();
    const tokens: number[] = [];
    const work = jobs.work(
      "other",
      async (task) => {
        tokens.push(task.token);
        return "done";
      },
      { signal: abort.signal },
    );
    const result = jobs.result(id);

    expect(await killedUntil(victim, result)).toBeGreaterThan(SHORTEST_MS);
    expect(await result).toBe("done");
    expect(tokens[0]).toBeGreaterThan(token);
    abort.abort();
    await work;
  });

  test("[RP112] that handed out a task is killed: its result waits for whoever asks for it", async () => {
    const path = "/master-killed";
    const victim = start({ role: "submit", path, name: "task" });
    await victim.reported("submitted");
    await victim.group.kill();
    const jobs = new MasterWorker(zk, path);
    const abort = new AbortController();
    const work = jobs.work("w", async ({ data }) => `${data} done`, { signal: abort.signal });

    expect(await jobs.result("task")).toBe("task done");
    abort.abort();
    await work;
  });

  test("[RP113] that is a member is killed: it is one until its session has ended", async () => {
    const path = "/member-killed";
    const victim = start({ role: "member", path });
    await victim.reported("joined");
    await using group = new GroupMembership(zk, path);
    await group.ready;
    const isGone = () => (group.members.has("victim") ? undefined : true);

    expect(await killedUntil(victim, poll("it is gone", isGone))).toBeGreaterThan(SHORTEST_MS);
  });

  test("[RP114] that serves is paused: nobody finds it, until it goes on", async () => {
    const path = "/instance-paused";
    const victim = start({ role: "serve", path });
    await victim.reported("serves");
    await using provider = new ServiceRegistry(zk, path).discover("web");
    await provider.ready;
    expect(provider.choose().id).toBe("victim");
    const isThere = (): boolean => provider.instances.length === 1;
    await pausedUntil(
      victim,
      poll("it is gone", () => (isThere() ? undefined : true)),
    );
    await poll("it is back", () => isThere() || undefined);
  });

  test("[RP115] that has a part of a set is killed: the others have it when its session has ended", async () => {
    const path = "/partition-killed";
    const victim = start({ role: "partition", path, name: "a victim" });
    await victim.reported("has", 2);
    await using partitioner = new SetPartitioner(zk, path, ["a", "b"], { id: "other" });
    const hasAll = () => (partitioner.items.size === 2 ? true : undefined);
    await poll("it is divided", () => (partitioner.items.size === 1 ? true : undefined));

    expect(await killedUntil(victim, poll("it has all", hasAll))).toBeGreaterThan(SHORTEST_MS);
  });
});
