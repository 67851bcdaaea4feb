import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DataTree } from "../../../src/core/data-tree.ts";
import { LIMITS } from "../../../src/core/limits.ts";
import { isFailure } from "../../../src/core/keeper-error.ts";
import { read, type TreeReadRequest } from "../../../src/core/read.ts";
import { isWrite, type Request } from "../../../src/core/request.ts";
import { digestOf } from "../../../src/core/tree-digest.ts";
import type { Effect } from "../../../src/server/effect.ts";
import type { RequestOptions } from "../../../src/core/request-options.ts";
import { decodeBatches } from "../../../src/storage/log-batch.ts";
import type { MemoryStore } from "../../../src/storage/memory-store.ts";
import { MemoryTables } from "../../../src/storage/memory-tables.ts";
import { copyLog, DelayedRunner, type Delay } from "./delayed-runner.ts";
import { ask, describeEffect } from "./describe-effect.ts";
import { ServerHarness, type TestClient } from "./server-harness.ts";

const CLIENTS = 3;
const SESSION_MS = 10_000;

type Step =
  | {
      readonly type: "request";
      readonly client: number;
      readonly request: Request;
      readonly options: RequestOptions;
    }
  | { readonly type: "turn" }
  | { readonly type: "advance"; readonly ms: number };

const path = fc.constantFrom("/a", "/b", "/a/x", "/a/y", "/b/x");
const data = fc.constantFrom("1", "2", "3");
const version = fc.constantFrom(-1, -1, 0, 1);

const write: fc.Arbitrary<Request> = fc.oneof(
  path.map((each) => ask.create(each)),
  path.map((each) => ask.ephemeral(each)),
  fc.constantFrom("/a/s-", "/s-").map((each) => ask.create(each, { mode: 2 })),
  fc.tuple(path, data, version).map(([each, value, expected]) => ask.set(each, value, expected)),
  fc.tuple(path, version).map(([each, expected]) => ask.delete(each, expected)),
  fc.tuple(path, path).map(([one, other]): Request => {
    return { op: "multi", ops: [ask.create(one), ask.delete(other)] };
  }),
);

const lookup: fc.Arbitrary<Request> = fc.oneof(
  fc.tuple(path, fc.boolean()).map(([each, watch]) => ask.get(each, watch)),
  fc.tuple(path, fc.boolean()).map(([each, watch]) => ask.exists(each, watch)),
  fc
    .tuple(fc.constantFrom("/", "/a"), fc.boolean())
    .map(([each, watch]) => ask.children(each, watch)),
  fc.constant<Request>({ op: "getEphemerals", prefixPath: "/" }),
  fc.constant(ask.sync),
);

const client = fc.nat({ max: CLIENTS - 1 });
const request: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .tuple(client, write, fc.constantFrom("", "", "", "k1", "k2"))
      .map(([which, each, idempotencyKey]): Step => {
        const options = idempotencyKey === "" ? {} : { idempotencyKey };
        return { type: "request", client: which, request: each, options };
      }),
  },
  {
    weight: 5,
    arbitrary: fc
      .tuple(client, lookup, fc.constantFrom(0, 0, 0, 4, 6, 9), fc.boolean())
      .map(([which, each, minZxid, isStrict]): Step => {
        return { type: "request", client: which, request: each, options: { minZxid, isStrict } };
      }),
  },
);

const turn: fc.Arbitrary<Step> = fc.constant({ type: "turn" });
const script: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof({ weight: 6, arbitrary: request }, { weight: 3, arbitrary: turn }),
  { maxLength: 40 },
);
const ending: fc.Arbitrary<Step> = fc.oneof(
  client.map((which): Step => ({
    type: "request",
    client: which,
    request: ask.close,
    options: {},
  })),
  fc.constantFrom(3_000, 7_000, 13_000).map((ms): Step => ({ type: "advance", ms })),
);
const scriptWithEndings: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: request },
    { weight: 6, arbitrary: turn },
    { weight: 1, arbitrary: ending },
  ),
  { maxLength: 40 },
);

const turns = fc.nat({ max: 20 });
const delays: fc.Arbitrary<Delay[]> = fc.array(fc.record({ persisted: turns, committed: turns }), {
  minLength: 1,
  maxLength: 8,
});

interface World {
  readonly harness: ServerHarness;
  readonly clients: readonly TestClient[];
  readonly watcher: TestClient;
  /** Ends a turn, and before that lets nobody wait if the runner is the immediate one. */
  readonly turn: () => void;
}

/** Sessions of all clients, in the log and applied, and somebody who watches everything. */
function populate(harness: ServerHarness, turn: () => void, settle: () => void): World {
  const clients = Array.from({ length: CLIENTS }, () => harness.open());
  for (const each of clients) each.connect({ timeoutMs: SESSION_MS });
  settle();
  const watcher = harness.open();
  watcher.send(ask.addWatch("/", 1));
  return { harness, clients, watcher, turn };
}

function immediateWorld(): World {
  const harness = new ServerHarness();
  const nothing = (): void => {};
  return populate(harness, nothing, nothing);
}

function play({ harness, clients, turn: endTurn }: World, steps: readonly Step[]): void {
  for (const step of steps) {
    switch (step.type) {
      case "request":
        clients[step.client]?.post(step.request, step.options);
        break;
      case "turn":
        endTurn();
        break;
      case "advance":
        harness.nowMs += step.ms;
        harness.step({ type: "tick" });
        break;
    }
  }
}

/** The same, each request in a turn of its own. */
function playAtOnce(world: World, steps: readonly Step[]): void {
  for (const step of steps) {
    play(world, [step]);
    world.harness.flush();
  }
}

type Reply = Extract<Effect, { type: "reply" }>;

/** Replies that a client got; those to an expired session depend on when its end is committed. */
function repliesOf(each: TestClient): Reply[] {
  return each.outputs.filter(
    (effect): effect is Reply =>
      effect.type === "reply" && !(isFailure(effect.outcome) && effect.outcome.code === -112),
  );
}

/** What must not depend on delays: the answers to writes, zxids included, and the end. */
function writesOf(each: TestClient, requests: ReadonlyMap<number, Request>): string[] {
  return each.outputs
    .filter(
      (effect) =>
        effect.type === "close" ||
        (effect.type === "reply" &&
          repliesOf(each).includes(effect) &&
          isWrite(requests.get(effect.xid) ?? ask.ping)),
    )
    .map(describeEffect);
}

/** Requests of each client by xid; the connect was xid 1. */
function requestsOf(steps: readonly Step[]): Map<number, Request>[] {
  const requests = Array.from({ length: CLIENTS }, () => new Map<number, Request>());
  for (const step of steps) {
    if (step.type !== "request") continue;
    const own = requests[step.client];
    own?.set(own.size + 2, step.request);
  }
  return requests;
}

/** A minZxid that nothing under way would have reached. */
function isZxidAhead({ outcome }: Reply): boolean {
  return isFailure(outcome) && outcome.code === -7;
}

/** Holds every read against the tree that the log makes at the zxid of its reply. */
function checkReads(
  store: MemoryStore,
  world: World,
  requests: readonly ReadonlyMap<number, Request>[],
): void {
  const tree = new DataTree(new MemoryTables());
  const pending = world.clients.flatMap((each, at) =>
    repliesOf(each).flatMap((reply) => {
      const asked = requests[at]?.get(reply.xid);
      return asked === undefined || isWrite(asked) ? [] : [{ each, reply, asked }];
    }),
  );
  const check = (): void => {
    for (const { each, reply, asked } of pending) {
      if (reply.zxid !== tree.lastZxid || isZxidAhead(reply)) continue;
      const scope = {
        tables: tree.tables,
        ids: [],
        sessionId: each.session.id,
        limits: LIMITS,
      };
      const outcome = read(scope, asked as TreeReadRequest);
      expect(describeEffect(reply)).toBe(describeEffect({ ...reply, outcome }));
    }
  };
  check();
  for (const logged of decodeBatches(store.log.read(0, Number.MAX_SAFE_INTEGER))) {
    tree.apply(logged);
    check();
  }
}

/** Per connection: order of replies, zxids that never go back, events ahead of what shows them. */
function orderFaults(each: TestClient, requests: ReadonlyMap<number, Request>): string[] {
  const faults: string[] = [];
  let lastXid = 0;
  let lastZxid = 0;
  for (const effect of each.outputs) {
    if (effect.type === "event" && effect.event.zxid <= lastZxid) {
      faults.push(`${describeEffect(effect)} comes behind a reply at ${lastZxid}`);
    }
    if (effect.type !== "reply") continue;
    if (effect.xid <= lastXid) faults.push(`${effect.xid} is answered behind ${lastXid}`);
    lastXid = effect.xid;
    if (effect.isReplayed) continue;
    const asked = requests.get(effect.xid);
    const isTxn = asked !== undefined && isWrite(asked) && repliesOf(each).includes(effect);
    if (effect.zxid < lastZxid || (isTxn && effect.zxid === lastZxid)) {
      faults.push(`${describeEffect(effect)} comes behind a reply at ${lastZxid}`);
    }
    lastZxid = effect.zxid;
  }
  return faults;
}

function checkAgainstImmediate(steps: readonly Step[], delay: readonly Delay[]): void {
  const atOnce = immediateWorld();
  playAtOnce(atOnce, steps);
  const runner = new DelayedRunner(delay);
  const delayed = populate(
    runner.harness,
    () => runner.turn(),
    () => runner.settle(),
  );
  play(delayed, steps);
  runner.settle();

  const requests = requestsOf(steps);
  expect(digestOf(delayed.harness.store.tables)).toBe(digestOf(atOnce.harness.store.tables));
  expect(delayed.watcher.take()).toEqual(atOnce.watcher.take());
  for (const [at, own] of requests.entries()) {
    const [mine, theirs] = [delayed.clients[at], atOnce.clients[at]];
    if (mine === undefined || theirs === undefined) continue;
    expect(writesOf(mine, own)).toEqual(writesOf(theirs, own));
    expect(repliesOf(mine).map(({ xid }) => xid)).toEqual(repliesOf(theirs).map(({ xid }) => xid));
    expect(orderFaults(mine, own)).toEqual([]);
  }
  checkReads(delayed.harness.store, delayed, requests);
}

describe("commits delayed by 0 to 20 turns", () => {
  it("[OR19] writes, reads, events and the tree are as without delay", () => {
    fc.assert(fc.property(script, delays, checkAgainstImmediate), { numRuns: 150 });
  });

  it("[OR19] so they are when sessions close and expire in between", () => {
    fc.assert(fc.property(scriptWithEndings, delays, checkAgainstImmediate), { numRuns: 150 });
  });

  it("[OR9] after a discarded tail the server goes on as one that recovered from the log", () => {
    fc.assert(
      fc.property(script, delays, fc.nat(), script, (before, delay, choice, after) => {
        const runner = new DelayedRunner(delay);
        const delayed = populate(
          runner.harness,
          () => runner.turn(),
          () => runner.settle(),
        );
        play(delayed, before);
        runner.discard((boundaries) => boundaries[choice % boundaries.length] ?? 0);

        const recovered = new ServerHarness({ store: copyLog(runner.harness.store) });
        const again = (harness: ServerHarness): TestClient[] =>
          delayed.clients.map(({ session }) => {
            const each = harness.open();
            each.connect({ resume: session });
            return each;
          });
        const survivors: World = { ...delayed, clients: again(runner.harness) };
        const fresh: World = {
          harness: recovered,
          clients: again(recovered),
          watcher: recovered.open(),
          turn: () => {},
        };
        play(survivors, after);
        runner.settle();
        playAtOnce(fresh, after);

        const requests = requestsOf(after);
        for (const [at, own] of requests.entries()) {
          const [mine, theirs] = [survivors.clients[at], fresh.clients[at]];
          if (mine === undefined || theirs === undefined) continue;
          expect(writesOf(mine, own)).toEqual(writesOf(theirs, own));
          expect(orderFaults(mine, own)).toEqual([]);
        }
        expect(digestOf(runner.harness.store.tables)).toBe(digestOf(recovered.store.tables));
        for (const old of delayed.clients) {
          const last = old.outputs.at(-1);
          expect(last?.type === "close" ? describeEffect(last) : "open").not.toBe("open");
        }
      }),
      { numRuns: 150 },
    );
  });
});
