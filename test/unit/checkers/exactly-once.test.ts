import { describe, expect, it } from "vitest";
import { LIMITS } from "../../../src/core/limits.ts";
import { checkExactlyOnce } from "../../simulation/checkers/exactly-once.ts";
import type { History } from "../../simulation/history.ts";
import { ReferenceService } from "./reference-service.ts";
import { create, set } from "./requests.ts";
import { rulesOf, spoil } from "./spoil.ts";

const KEY = { idempotencyKey: "key" };

/** Two attempts under one key; the second is answered as the first one was. */
function twoAttempts(): History {
  const service = new ReferenceService();
  const ann = service.connect({ client: 0, door: "linearizable" });
  const first = service.do(ann, create("/a"), KEY);
  const second = service.do(ann, create("/a"), KEY);
  return spoil(service.history(), ({ operations, txns }) => {
    const retry = operations[second.id];
    if (retry?.completion === undefined || first.completion === undefined) return;
    const { zxid, outcome } = structuredClone(first.completion);
    retry.completion = { ...retry.completion, zxid, outcome, isReplayed: true };
    txns.pop();
  });
}

describe("requests are done at most once", () => {
  it("[CG15] finds one request that became two txns", () => {
    const service = new ReferenceService();
    const ann = service.connect({ client: 0 });
    service.do(ann, set("/", "one"));
    service.do(ann, set("/", "two"));
    const history = spoil(service.history(), ({ txns: [, first, second] }) => {
      if (first !== undefined && second !== undefined) second.header.cxid = first.header.cxid;
    });

    const violations = checkExactlyOnce(history);

    expect(rulesOf(violations)).toEqual(["CG15"]);
    expect(violations[0]?.message).toContain("done 2 times");
  });

  it("[CG15] lets attempts under one key share the first outcome", () => {
    expect(checkExactlyOnce(twoAttempts())).toEqual([]);
  });

  it("[CG15] finds an attempt that is answered otherwise than the first", () => {
    const history = spoil(twoAttempts(), ({ operations: [, retry] }) => {
      if (retry?.completion !== undefined) retry.completion.zxid += 1;
    });

    expect(rulesOf(checkExactlyOnce(history))).toEqual(["CG15"]);
  });

  it("[CG15] finds a key that was used up twice, until it may be forgotten", () => {
    const service = new ReferenceService();
    const ann = service.connect({ client: 0 });
    service.ask(ann, set("/", "one"), KEY);
    service.ask(ann, set("/", "one"), KEY);
    service.execute(ann);
    service.execute(ann);
    service.cut(ann);
    const bad = service.history();
    const good = spoil(bad, ({ txns }) => {
      const last = txns.at(-1);
      if (last !== undefined) last.header.timeMs += LIMITS.IDEMPOTENCY_MS;
    });

    expect(rulesOf(checkExactlyOnce(bad))).toEqual(["CG15"]);
    expect(checkExactlyOnce(good)).toEqual([]);
  });
});
