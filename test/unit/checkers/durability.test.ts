import { describe, expect, it } from "vitest";
import { checkDurability } from "../../simulation/checkers/durability.ts";
import { ReferenceService } from "./reference-service.ts";
import { create, FLAGS, remove } from "./requests.ts";
import { rulesOf, spoil } from "./spoil.ts";

const { PERSISTENT_SEQUENTIAL } = FLAGS;

function oneClient() {
  const service = new ReferenceService();
  return { service, ann: service.connect({ client: 0 }) };
}

describe("what is acknowledged", () => {
  it("[CG9] finds an acknowledged write that no member applied", () => {
    const { service, ann } = oneClient();
    service.do(ann, create("/a"));
    service.do(ann, create("/b"));
    const history = spoil(service.history(), ({ txns }) => txns.splice(1, 1));

    const violations = checkDurability(history);

    expect(rulesOf(violations)).toEqual(["CG9"]);
    expect(violations[0]?.message).toMatch(/never applied .*\n.*operation 0 .*create "\/a"/);
  });

  it("[CG9] finds an answer with the zxid of another txn", () => {
    const { service, ann } = oneClient();
    const write = service.do(ann, create("/a"));
    if (write.completion !== undefined) write.completion.zxid += 7;

    expect(rulesOf(checkDurability(service.history()))).toEqual(["CG9"]);
  });

  it("[CG9] lets a write without an answer be lost", () => {
    const { service, ann } = oneClient();
    service.ask(ann, create("/a"));
    service.cut(ann);

    expect(checkDurability(service.history())).toEqual([]);
  });

  it("[CG10] finds a zxid that two writes were answered with", () => {
    const { service, ann } = oneClient();
    const first = service.do(ann, create("/a"));
    service.elect(2);
    const second = service.do(ann, create("/b"));
    if (first.completion !== undefined && second.completion !== undefined) {
      second.completion.zxid = first.completion.zxid;
    }

    expect(rulesOf(checkDurability(service.history()))).toContain("CG10");
  });

  it("[CG10] finds zxids that go back across a change of leaders", () => {
    const { service, ann } = oneClient();
    service.do(ann, create("/a"));
    service.elect(2);
    service.do(ann, create("/b"));
    const history = spoil(service.history(), ({ txns }) => {
      const last = txns.at(-1);
      if (last !== undefined) last.header.zxid = 1;
    });

    expect(rulesOf(checkDurability(history))).toContain("CG10");
  });

  it("[CG11] finds a sequence number that was given twice", () => {
    const { service, ann } = oneClient();
    service.do(ann, create("/q"));
    service.do(ann, create("/q/n-", "", PERSISTENT_SEQUENTIAL));
    service.elect(3);
    const second = service.do(ann, create("/q/n-", "", PERSISTENT_SEQUENTIAL));
    const history = spoil(service.history(), ({ operations, txns }) => {
      const outcome = operations[second.id]?.completion?.outcome;
      if (outcome !== undefined && "path" in outcome) outcome.path = "/q/n-0000000000";
      const txn = txns.at(-1)?.txn;
      if (txn?.type === "create") txn.path = "/q/n-0000000000";
    });

    const violations = checkDurability(history);

    expect(rulesOf(violations)).toEqual(["CG11"]);
    expect(violations).toHaveLength(2);
  });

  it("[CG11] lets numbers start again below a parent that was made again", () => {
    const { service, ann } = oneClient();
    for (let i = 0; i < 2; i += 1) {
      service.do(ann, create("/q"));
      service.do(ann, create("/q/n-", "", PERSISTENT_SEQUENTIAL));
      service.do(ann, remove("/q/n-0000000000"));
      service.do(ann, remove("/q"));
    }

    expect(checkDurability(service.history())).toEqual([]);
  });
});
