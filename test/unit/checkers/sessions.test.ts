import { describe, expect, it } from "vitest";
import { checkEphemerals } from "../../simulation/checkers/ephemerals.ts";
import { checkSessionTimeouts } from "../../simulation/checkers/session-timeouts.ts";
import type { History } from "../../simulation/history.ts";
import { ReferenceService } from "./reference-service.ts";
import { create, FLAGS, set } from "./requests.ts";
import { rulesOf, spoil } from "./spoil.ts";

const SECOND_US = 1_000_000;
const TIMEOUT_MS = 10_000;

/** A session with two ephemerals is not heard of for a time, and then expired. */
function expiry(silentUs: number, sid = 1): History {
  const service = new ReferenceService();
  const bob = service.connect({ client: 1 });
  const ann = service.connect({ client: 0, sid, timeoutMs: TIMEOUT_MS });
  service.step(11 * SECOND_US);
  service.do(ann, create("/a", "", FLAGS.EPHEMERAL));
  service.do(ann, create("/b", "", FLAGS.EPHEMERAL));
  service.step(silentUs);
  service.do(bob, set("/", "now"));
  service.expire(ann);
  service.settle();
  return service.history();
}

const good = (): History => expiry(11 * SECOND_US);

describe("ephemerals", () => {
  it("[CG16] go with their session", () => {
    expect(checkEphemerals(good())).toEqual([]);
  });

  it("[CG16] finds one that is left behind", () => {
    const history = spoil(good(), ({ txns }) => {
      const txn = txns.at(-1)?.txn;
      if (txn?.type === "closeSession") txn.deletes.pop();
    });

    const violations = checkEphemerals(history);

    expect(rulesOf(violations)).toEqual(["CG16"]);
    expect(violations[0]?.message).toMatch(/left behind +\/[ab] /);
  });

  it("[CG16] finds one of somebody else that is taken along", () => {
    const history = spoil(good(), ({ txns }) => {
      const txn = txns.at(-1)?.txn;
      const [first] = txn?.type === "closeSession" ? txn.deletes : [];
      if (txn?.type === "closeSession" && first !== undefined) {
        txn.deletes.push({ ...first, path: "/other" });
      }
    });

    expect(rulesOf(checkEphemerals(history))).toEqual(["CG16"]);
  });

  it("[CG16] finds a txn of a session behind its end, and before its start", () => {
    const behind = spoil(good(), ({ txns }) => {
      const end = txns.at(-1);
      if (end !== undefined) txns.splice(4, 0, end);
    });
    const before = spoil(good(), ({ txns }) => txns.splice(1, 1));

    expect(checkEphemerals(behind)[0]?.message).toContain("stands behind its end");
    expect(checkEphemerals(before)[0]?.message).toContain("stands before its start");
  });
});

describe("session timeouts", () => {
  it("[CG17] lets a session expire behind its timeout", () => {
    expect(checkSessionTimeouts(good())).toEqual([]);
  });

  it("[CG17] finds a session that expires before its timeout since it was heard of", () => {
    const violations = checkSessionTimeouts(expiry(9 * SECOND_US));

    expect(rulesOf(violations)).toEqual(["CG17"]);
    expect(violations[0]?.message).toMatch(
      /timeout of 10000 ms\n.*leader since.*\n.*last heard of/,
    );
  });

  it("[CG17] finds one that expires before a new leader has waited for a timeout", () => {
    const history = spoil(good(), ({ members: [first] }) => {
      const role = first?.events.find(({ type }) => type === "role");
      if (role !== undefined) role.atUs = 15 * SECOND_US;
    });

    expect(rulesOf(checkSessionTimeouts(history))).toEqual(["CG17"]);
  });

  it("[CG17] does not blame a leader for what another member heard while faults last", () => {
    const hidden = expiry(9 * SECOND_US, 2);
    const healed = { ...hidden, healedUs: SECOND_US };

    expect(checkSessionTimeouts(hidden)).toEqual([]);
    expect(rulesOf(checkSessionTimeouts(healed))).toEqual(["CG17"]);
  });

  it("[CG17] makes sessions older by the jump of a clock", () => {
    const history = spoil(expiry(9 * SECOND_US), ({ members: [first] }) => {
      first?.events.push({ atUs: 15 * SECOND_US, type: "clock", jumpMs: 2_000 });
    });

    expect(checkSessionTimeouts(history)).toEqual([]);
  });

  it("[CG18] finds a session that lives on without a sign of life once faults have ended", () => {
    const service = new ReferenceService();
    service.connect({ client: 0, timeoutMs: TIMEOUT_MS });
    service.healedUs = service.step();
    service.step(40 * SECOND_US);
    const soon = service.history();
    service.step(30 * SECOND_US);
    const late = service.history();

    expect(checkSessionTimeouts(soon)).toEqual([]);
    expect(rulesOf(checkSessionTimeouts(late))).toEqual(["CG18"]);
  });
});
