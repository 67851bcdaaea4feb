import { appendFileSync } from "node:fs";
import { type ZooKeeper as Client, isKeeperError, ZooKeeper } from "../../../src/client/index.ts";
import {
  DoubleBarrier,
  GroupMembership,
  LeaderElection,
  LeaderLatch,
  Lock,
  MasterWorker,
  Queue,
  Semaphore,
  ServiceRegistry,
  SetPartitioner,
} from "../../../src/recipes/index.ts";
import { participantArguments, report } from "./participant.ts";

/**
 * Somebody who takes part in one recipe, as its `role` says, until it is killed or paused; what it was
 * told and what it did it reports. Its session lasts as short as a session can.
 */
const { url, role, path, name, file } = participantArguments("role", "path", "name", "file");

/** The next line on standard input. It comes late to a process that was paused. */
const order = (): Promise<unknown> => new Promise((resolve) => process.stdin.once("data", resolve));

/** What became of something, as a word. */
const outcome = (doing: Promise<unknown>): Promise<string> =>
  doing.then(
    () => "done",
    (error: unknown) => (isKeeperError(error) ? error.codeName : String(error)),
  );

function reportLoss(lost: AbortSignal): void {
  lost.addEventListener("abort", () => {
    report({ lost: isKeeperError(lost.reason) ? lost.reason.codeName : String(lost.reason) });
  });
}

const ROLES: Readonly<Record<string, (zk: Client) => Promise<unknown>>> = {
  /** Holds a lock, and uses in a file what it protects: a tenth of a second before it looks up. */
  hold: async (zk) => {
    const held = await new Lock(zk, path, { data: name }).acquire();
    reportLoss(held.lost);
    const use = (): void => {
      for (let uses = 0; uses < 100 && held.isHeld; uses += 1) {
        appendFileSync(file, `${held.token}\n`);
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
      }
      if (held.isHeld) setImmediate(use);
    };
    report({ held: held.token });
    setImmediate(use);
    await order();
    report({ wrote: await outcome(held.transaction().set("/resource", name).commit()) });
  },
  lease: async (zk) => {
    report({ held: (await new Semaphore(zk, path, 2).acquire()).token });
  },
  latch: async (zk) => {
    const onChange: NonNullable<ConstructorParameters<typeof LeaderLatch>[2]>["onChange"] = (
      held,
    ) => report({ leads: held !== undefined });
    await new LeaderLatch(zk, path, { id: name, onChange }).waitForLeadership();
  },
  lead: (zk) =>
    new LeaderElection(zk, path, { data: name }).campaign(({ lost, token }) => {
      reportLoss(lost);
      report({ held: token });
      return new Promise(() => undefined);
    }),
  consume: async (zk) => {
    const claim = await new Queue(zk, path).take();
    reportLoss(claim.hold.lost);
    report({ claimed: claim.text, token: claim.hold.token });
    await order();
    report({ completed: await outcome(claim.complete()) });
  },
  /** Is through when two are there, and does not leave. */
  enter: async (zk) => {
    await new DoubleBarrier(zk, path, 2).enter();
    report({ entered: name });
  },
  /** Takes a task that it never does. */
  work: (zk) =>
    new MasterWorker(zk, path).work(name, (task) => {
      report({ took: task.id, token: task.token });
      return new Promise(() => undefined);
    }),
  submit: async (zk) => {
    const jobs = new MasterWorker(zk, path);
    report({ submitted: await jobs.submit(name, name) });
    report({ result: await jobs.result(name) });
  },
  member: async (zk) => {
    await new GroupMembership(zk, path, { id: name }).ready;
    report({ joined: name });
  },
  serve: async (zk) => {
    await new ServiceRegistry(zk, path).register("web", { id: name, address: "localhost:1" }).ready;
    report({ serves: name });
  },
  partition: async (zk) => {
    const onChange = (items: ReadonlyMap<string, unknown>): void =>
      report({ has: [...items.keys()].join("") });
    await new SetPartitioner(zk, path, ["a", "b"], { id: name, onChange }).ready;
  },
};

const zk = new ZooKeeper(url, { sessionTimeoutMs: 4_000 });
await zk.sync();
report({ session: String(zk.sessionId) });
await ROLES[role]?.(zk);
// Whoever has nothing more to do stays.
setInterval(() => undefined, 60_000);
