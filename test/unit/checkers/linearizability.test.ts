import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Request } from "../../../src/core/request.ts";
import { checkLinearizability } from "../../simulation/checkers/linearizability.ts";
import { partition } from "../../simulation/checkers/partition.ts";
import type { History, Operation } from "../../simulation/history.ts";
import { Prng } from "../../simulation/prng.ts";
import { randomHistory } from "./random-history.ts";
import { ReferenceService } from "./reference-service.ts";
import { create, FLAGS, get, set } from "./requests.ts";
import { rulesOf, spoil } from "./spoil.ts";

/** Without txns a checker has to search. */
function withoutLog(history: History): History {
  return { ...history, txns: [] };
}

function twoClients(): {
  readonly service: ReferenceService;
  readonly ann: ReturnType<ReferenceService["connect"]>;
  readonly bob: ReturnType<ReferenceService["connect"]>;
} {
  const service = new ReferenceService();
  const ann = service.connect({ client: 0, door: "linearizable" });
  const bob = service.connect({ client: 1, door: "linearizable" });
  return { service, ann, bob };
}

describe("linearizability, the order given by zxids", () => {
  it("[CG1] lets overlapping writes have either order", () => {
    const { service, ann, bob } = twoClients();
    service.ask(ann, create("/a", "ann"));
    service.ask(bob, create("/a", "bob"));
    service.execute(bob);
    service.execute(ann);
    service.settle();

    expect(checkLinearizability(service.history())).toEqual([]);
  });

  it("[CG1] finds a write that has a lower zxid than one that ended before it began", () => {
    const { service, ann, bob } = twoClients();
    service.ask(ann, create("/a"));
    service.ask(bob, create("/b"));
    service.execute(bob);
    service.execute(ann);
    service.settle();
    const history = spoil(service.history(), ({ operations: [, second] }) => {
      if (second?.completion !== undefined) second.invokedUs = second.completion.completedUs;
    });

    const violations = checkLinearizability(history);

    expect(rulesOf(violations)).toEqual(["CG1"]);
    expect(violations[0]?.message).toMatch(
      /operation 0 .*create "\/a".*\n.*operation 1 .*create "\/b"/,
    );
  });

  it("[CG2] finds a default read that misses a write acknowledged before it", () => {
    const { service, ann, bob } = twoClients();
    service.do(ann, create("/a", "old"));
    const stale = service.do(bob, get("/a"));
    service.do(ann, set("/a", "new"));
    stale.invokedUs = service.step();
    if (stale.completion !== undefined) stale.completion.completedUs = service.step();

    expect(rulesOf(checkLinearizability(service.history()))).toEqual(["CG2"]);
  });

  it("[CG2] finds a default read that shows less than another one before it", () => {
    const { service, ann, bob } = twoClients();
    service.do(ann, create("/a", "old"));
    const stale = service.do(bob, get("/a"));
    const write = service.ask(ann, set("/a", "new"));
    service.execute(ann);
    service.do(bob, get("/a"));
    stale.invokedUs = service.step();
    if (stale.completion !== undefined) stale.completion.completedUs = service.step();
    service.settle();

    expect(write.completion).toBeDefined();
    expect(rulesOf(checkLinearizability(service.history()))).toEqual(["CG2"]);
  });

  it("[CG2] lets a native read and a local one be old", () => {
    const service = new ReferenceService();
    const ann = service.connect({ client: 0 });
    const bob = service.connect({ client: 1, sid: 2 });
    const eve = service.connect({ client: 2, sid: 3, door: "linearizable" });
    service.do(ann, create("/a"));
    service.do(bob, get("/a"));
    service.do(eve, get("/a"));
    const history = spoil(service.history(), ({ operations }) => {
      const read = operations[2];
      if (read !== undefined) read.options = { isLocal: true };
    });

    expect(checkLinearizability(history)).toEqual([]);
  });

  it("[CG3] finds a read that shows what is not there", () => {
    const { service, ann } = twoClients();
    service.do(ann, create("/a", "right"));
    const read = service.do(ann, get("/a"));
    const outcome = read.completion?.outcome;
    if (outcome !== undefined && "op" in outcome && outcome.op === "getData") {
      outcome.data = new TextEncoder().encode("wrong");
    }

    const violations = checkLinearizability(service.history());

    expect(rulesOf(violations)).toEqual(["CG3"]);
    expect(violations[0]?.message).toContain("answered behind");
  });

  it("[CG3] finds a txn that its request can't have become", () => {
    const { service, ann } = twoClients();
    service.do(ann, create("/a"));
    service.do(ann, create("/a"));
    const history = spoil(service.history(), ({ txns: [, , first, second] }) => {
      if (first !== undefined && second !== undefined) second.txn = first.txn;
    });

    const violations = checkLinearizability(history);

    expect(rulesOf(violations)).toEqual(["CG3"]);
    expect(violations[0]?.message).toContain("refused with -110");
  });

  it("[CG3] finds a txn that nobody asked for", () => {
    const { service, ann } = twoClients();
    service.do(ann, create("/a"));
    const history = spoil(service.history(), ({ txns }) => {
      for (const { header } of txns) header.cxid = 0;
    });

    expect(rulesOf(checkLinearizability(history))).toEqual(["CG3"]);
  });

  it("[CG1] lets a write without an answer be done or not", () => {
    const { service, ann, bob } = twoClients();
    service.ask(ann, create("/done"));
    service.execute(ann);
    service.ask(ann, create("/never"));
    service.cut(ann);
    service.do(bob, get("/done"));
    service.do(bob, get("/never"));

    expect(checkLinearizability(service.history())).toEqual([]);
  });
});

describe("linearizability, the order searched for", () => {
  it("[CG1][CG2] finds an order for what a right service answered", () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const history = withoutLog(randomHistory(seed, 60));

        expect(checkLinearizability(history)).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  it("[CG1] lets a write without an answer be done late", () => {
    const { service, ann, bob } = twoClients();
    service.ask(ann, create("/a/x"));
    service.do(bob, get("/a/x"));
    service.do(bob, create("/a"));
    service.execute(ann);
    service.cut(ann);
    service.do(bob, get("/a/x"));

    expect(checkLinearizability(withoutLog(service.history()))).toEqual([]);
  });

  it("[CG1] lets a session expire unasked", () => {
    const { service, ann, bob } = twoClients();
    service.do(ann, create("/a"));
    service.do(ann, create("/a/x", "", FLAGS.EPHEMERAL));
    service.expire(ann);
    service.do(bob, get("/a/x"));
    service.do(bob, get("/a"));

    expect(checkLinearizability(withoutLog(service.history()))).toEqual([]);
  });

  it("[CG2] finds a read of a znode that nobody made", () => {
    const { service, ann, bob } = twoClients();
    service.do(ann, create("/a"));
    service.do(bob, get("/a"));
    const history = spoil(withoutLog(service.history()), ({ operations: [write] }) => {
      if (write !== undefined)
        write.request = { ...write.request, path: "/b" } as typeof write.request;
    });

    const violations = checkLinearizability(history);

    expect(rulesOf(violations)).toEqual(["CG1"]);
    expect(violations[0]?.message).toContain("no order explains the answers");
  });

  it("[CG1][CG3] finds most of what is spoilt, as the order by zxids does", () => {
    const spoilt = Array.from({ length: 40 }, (_, seed) =>
      spoilOne(randomHistory(seed, 90), new Prng(seed, "spoil")),
    ).filter((history) => history !== undefined);

    const byZxid = spoilt.filter((history) => checkLinearizability(history).length > 0);
    const bySearch = spoilt.filter(
      (history) => checkLinearizability(withoutLog(history)).length > 0,
    );

    expect(spoilt.length).toBeGreaterThan(20);
    expect(byZxid.length).toBe(spoilt.length);
    expect(bySearch.length / spoilt.length).toBeGreaterThan(0.9);
  });
});

/** Gives a linearizable read the answer of another read of the same path. */
function spoilOne(history: History, rng: Prng): History | undefined {
  const reads = history.operations.filter(
    ({ request, connection, completion }) =>
      completion !== undefined &&
      (request.op === "getData" || request.op === "exists") &&
      history.connections[connection]?.door === "linearizable",
  );
  const pairs = reads.flatMap((one) =>
    reads
      .filter((other) => isAnsweredElse(one, other))
      .map((other) => ({ one: one.id, other: other.id })),
  );
  if (pairs.length === 0) return undefined;
  const { one, other } = rng.pick(pairs);
  return spoil(history, ({ operations }) => {
    const [read, from] = [operations[one]?.completion, operations[other]?.completion];
    if (read !== undefined && from !== undefined) read.outcome = structuredClone(from.outcome);
  });
}

function isAnsweredElse(one: Operation, other: Operation): boolean {
  const [path, op] = "path" in one.request ? [one.request.path, one.request.op] : [];
  if (!("path" in other.request) || other.request.path !== path || other.request.op !== op) {
    return false;
  }
  return JSON.stringify(one.completion?.outcome) !== JSON.stringify(other.completion?.outcome);
}

describe("the parts of a history", () => {
  const operationsOf = (requests: readonly Request[]): Operation[] => {
    const service = new ReferenceService();
    const wire = service.connect({ client: 0 });
    for (const request of requests) service.do(wire, request);
    return [...service.history().operations];
  };
  const sizes = (requests: readonly Request[]): number[] =>
    partition(operationsOf(requests))
      .map(({ length }) => length)
      .sort((one, other) => one - other);

  it("[CG1] are znodes below different children of the root", () => {
    expect(sizes([create("/a"), create("/a/x"), create("/b"), get("/c")])).toEqual([1, 1, 2]);
  });

  it("[CG1] are joined by a multi over both", () => {
    const ops = [create("/a"), create("/b")];

    expect(sizes([create("/c"), { op: "multi", ops }, get("/a"), get("/b")])).toEqual([1, 3]);
  });

  it.each([
    ["a read of the root", get("/")],
    ["a number given by the root", create("/n-", "", 2)],
    ["the end of a session", { op: "closeSession" } as const],
    ["a quota", get("/zookeeper/quota")],
  ])("[CG1] are one with %s", (_, request) => {
    expect(sizes([create("/a"), create("/b"), request])).toEqual([3]);
  });
});
