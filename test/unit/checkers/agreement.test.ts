import { describe, expect, it } from "vitest";
import { checkAgreement } from "../../simulation/checkers/agreement.ts";
import type { History, MemberEvent } from "../../simulation/history.ts";
import { ReferenceService } from "./reference-service.ts";
import { create } from "./requests.ts";
import { rulesOf, spoil } from "./spoil.ts";

const EPOCH = 2 ** 32;

function threeWrites(): History {
  const service = new ReferenceService();
  const ann = service.connect({ client: 0 });
  for (const path of ["/a", "/b", "/c"]) service.do(ann, create(path));
  service.settle();
  return service.history();
}

/** What members did, with something more at the end of one of them. */
function withEvent(history: History, sid: number, event: MemberEvent): History {
  return spoil(history, ({ members }) => members[sid - 1]?.events.push(event as never));
}

const started = {
  atUs: 9e9,
  type: "started",
  incarnation: 2,
  acceptedEpoch: 1,
  currentEpoch: 1,
  lastZxid: EPOCH + 4,
  committedZxid: EPOCH + 4,
  appliedZxid: EPOCH + 4,
} as const;

describe("members", () => {
  it("[CG12] finds different trees at one zxid", () => {
    const digest = { atUs: 9e9, type: "digest", zxid: EPOCH + 2 } as const;
    const one = withEvent(threeWrites(), 1, { ...digest, digest: "aa" });

    const good = withEvent(one, 2, { ...digest, digest: "aa" });
    const bad = withEvent(one, 3, { ...digest, digest: "bb" });

    expect(checkAgreement(good)).toEqual([]);
    expect(rulesOf(checkAgreement(bad))).toEqual(["CG12"]);
  });

  it("[CG13] finds a member that skips a txn", () => {
    const history = spoil(threeWrites(), ({ members: [, second] }) => second?.events.splice(2, 1));

    const violations = checkAgreement(history);

    expect(rulesOf(violations)).toEqual(["CG13"]);
    expect(violations[0]?.message).toContain("applied 0x100000003, expected 0x100000002 next");
  });

  it("[CG13] finds a member that applied another txn at a zxid", () => {
    const history = spoil(threeWrites(), ({ members: [, , third] }) => {
      const applied = third?.events.at(-1);
      if (applied?.type === "applied" && applied.txns[0] !== undefined) applied.txns[0].hash = "x";
    });

    expect(rulesOf(checkAgreement(history))).toEqual(["CG13"]);
  });

  it("[CG13] finds a member that cuts off what it had applied", () => {
    const history = threeWrites();

    const good = withEvent(history, 2, { atUs: 9e9, type: "discarded", zxid: EPOCH + 4 });
    const bad = withEvent(history, 2, { atUs: 9e9, type: "discarded", zxid: EPOCH + 3 });

    expect(checkAgreement(good)).toEqual([]);
    expect(rulesOf(checkAgreement(bad))).toEqual(["CG13"]);
  });

  it("[CG13] lets a member start again, and go on from a snapshot", () => {
    const restarted = withEvent(threeWrites(), 2, { ...started, appliedZxid: EPOCH + 2 });

    const history = withEvent(restarted, 2, { atUs: 9e9, type: "installed", zxid: EPOCH + 4 });

    expect(checkAgreement(history)).toEqual([]);
  });

  it("[CG14] finds two established leaders of one epoch", () => {
    const role = { type: "leading", epoch: 1 } as const;
    const history = threeWrites();

    const again = withEvent(history, 1, { atUs: 9e9, type: "role", role });
    const other = withEvent(history, 2, { atUs: 9e9, type: "role", role });

    expect(checkAgreement(again)).toEqual([]);
    expect(rulesOf(checkAgreement(other))).toEqual(["CG14"]);
  });

  it.each([
    ["forgets the epoch that it accepted", { acceptedEpoch: 2, currentEpoch: 2 }, {}],
    ["has a current epoch above the accepted one", {}, { currentEpoch: 2 }],
    ["has a log of an epoch that it never followed", {}, { lastZxid: 3 * EPOCH }],
  ])("[CG14] finds a member that %s", (_, before, after) => {
    const first = withEvent(threeWrites(), 3, { ...started, ...before });

    const history = withEvent(first, 3, { ...started, ...after });

    expect(rulesOf(checkAgreement(history))).toEqual(["CG14"]);
  });
});
