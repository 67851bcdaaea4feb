import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isFailure } from "../../../../src/core/keeper-error.ts";
import type { Request } from "../../../../src/core/request.ts";
import { ask } from "../describe-effect.ts";
import { EnsembleHarness, type MemberClient } from "./ensemble-harness.ts";

const SIZE = 3;

type Step =
  | { readonly type: "request"; readonly client: number; readonly what: number }
  | { readonly type: "flush"; readonly sid: number }
  /** Of the messages on their way the one at this place, from any to any. */
  | { readonly type: "deliver"; readonly at: number }
  /** Of those without this one. */
  | { readonly type: "elect"; readonly sid: number }
  | { readonly type: "resume" }
  | { readonly type: "rebind"; readonly client: number; readonly sid: number };

const sid = fc.integer({ min: 1, max: SIZE });
const client = fc.nat({ max: 3 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constant("request" as const),
      client,
      what: fc.nat({ max: 9 }),
    }),
  },
  { weight: 5, arbitrary: fc.record({ type: fc.constant("flush" as const), sid }) },
  { weight: 12, arbitrary: fc.record({ type: fc.constant("deliver" as const), at: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("elect" as const), sid }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("resume" as const) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("rebind" as const), client, sid }) },
);

/** Clients that write under names of their own, so that what was acknowledged can be looked up. */
class Run {
  readonly ensemble = new EnsembleHarness(SIZE);
  readonly everyone: MemberClient[] = [];
  readonly asked = new Map<MemberClient, Map<number, string>>();
  clients: MemberClient[] = [];
  leader = 1;
  #count = 0;

  constructor() {
    this.ensemble.elect(1);
    for (const member of [1, 2, 3, 2]) this.clients.push(this.#open(member));
  }

  #open(member: number): MemberClient {
    const opened = this.ensemble.open(member, { consistency: "linearizable" });
    this.everyone.push(opened);
    this.asked.set(opened, new Map());
    opened.connect({ timeoutMs: 10_000 });
    return opened;
  }

  take(action: Step): void {
    const { ensemble } = this;
    switch (action.type) {
      case "request":
        return this.#ask(action.client, action.what);
      case "flush":
        return ensemble.member(action.sid).flush();
      case "deliver":
        if (ensemble.network.length > 0) ensemble.deliver(action.at % ensemble.network.length);
        return;
      case "elect":
        return this.#electWithout(action.sid);
      case "resume":
        ensemble.settle();
        return ensemble.resume(this.leader);
      case "rebind": {
        const former = this.clients[action.client];
        if (former !== undefined && ensemble.member(former.member.sid).sockets.has(former.id)) {
          former.drop();
        }
        this.clients[action.client] = this.#open(action.sid);
      }
    }
  }

  /** The others are a quorum: whichever of them has the longer log leads, and cuts that of `left`. */
  #electWithout(left: number): void {
    const voters = this.ensemble.sids.filter((each) => each !== left);
    const lastZxid = (each: number): number => this.ensemble.member(each).store.log.lastZxid;
    this.leader = voters.toSorted((one, other) => lastZxid(other) - lastZxid(one))[0] ?? 1;
    this.ensemble.elect(this.leader, { settle: false });
  }

  #ask(index: number, what: number): void {
    const asker = this.clients[index];
    if (asker === undefined || !asker.member.sockets.has(asker.id)) return;
    this.#count += 1;
    const path = `/n${this.#count}`;
    const requests: readonly Request[] = [
      ask.create(path),
      ask.create(path),
      ask.create(path),
      ask.ephemeral(path),
      ask.children("/", true),
      ask.children("/"),
      ask.sync,
      ask.set("/zookeeper", String(what)),
      ask.delete("/none"),
      ask.whoAmI,
    ];
    const request = requests[what] ?? ask.whoAmI;
    const key = what === 2 ? { idempotencyKey: path } : {};
    const xid = asker.post(request, key);
    if (what <= 2) this.asked.get(asker)?.set(xid, path);
  }
}

describe("a network that reorders", () => {
  test("[EN5][EN6][EN8] order, acknowledged writes and trees survive any order of messages", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const run = new Run();
        for (const each of steps) run.take(each);
        run.ensemble.settle();
        expect(new Set(run.ensemble.digests).size).toBe(1);
        for (const one of run.everyone) checkAnswers(run, one);
      }),
      { numRuns: 300 },
    );
  });
});

function checkAnswers({ ensemble, asked }: Run, one: MemberClient): void {
  let lastXid = 0;
  let lastZxid = 0;
  const { tables } = ensemble.member(1).store;
  for (const effect of one.effects) {
    if (effect.type !== "reply") continue;
    expect(effect.xid).toBeGreaterThan(lastXid);
    lastXid = effect.xid;
    expect(effect.zxid).toBeGreaterThanOrEqual(lastZxid);
    lastZxid = effect.zxid;
    const path = asked.get(one)?.get(effect.xid);
    if (path === undefined || isFailure(effect.outcome)) continue;
    expect(tables.get(path)?.czxid).toBe(effect.zxid);
  }
  // Who is still connected got all of its answers.
  if (!one.member.sockets.has(one.id)) return;
  const { outstandingRequests } = one.member.runner.server.status();
  expect(outstandingRequests).toBe(0);
}
