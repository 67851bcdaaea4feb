import { describe, expect, it } from "vitest";
import { Code, failure } from "../../../src/core/keeper-error.ts";
import { checkSessionOrder } from "../../simulation/checkers/session-order.ts";
import { ReferenceService } from "./reference-service.ts";
import { create, get, set } from "./requests.ts";
import { rulesOf, spoil } from "./spoil.ts";

describe("the order that a session may rely on", () => {
  it("[CG4] finds writes of a connection that were done in another order than sent", () => {
    const service = new ReferenceService();
    const ann = service.connect({ client: 0 });
    service.do(ann, create("/a"));
    service.do(ann, create("/b"));
    const history = spoil(service.history(), ({ txns: [, first, second] }) => {
      if (first === undefined || second === undefined) return;
      [first.header.cxid, second.header.cxid] = [second.header.cxid, first.header.cxid];
    });

    const violations = checkSessionOrder(history);

    expect(rulesOf(violations)).toEqual(["CG4"]);
    expect(violations[0]?.message).toContain("not done in the order sent");
  });

  it("[CG4] finds a write that was left out although a later one was done", () => {
    const service = new ReferenceService();
    const ann = service.connect({ client: 0 });
    service.ask(ann, create("/a"));
    service.ask(ann, create("/b"));
    service.execute(ann);
    service.execute(ann);
    service.cut(ann);
    const history = spoil(service.history(), ({ txns }) => txns.splice(1, 1));

    expect(rulesOf(checkSessionOrder(history))).toEqual(["CG4"]);
  });

  it("[CG4] lets a refusal without a zxid leave nothing out", () => {
    const service = new ReferenceService();
    const ann = service.connect({ client: 0 });
    const refused = service.do(ann, create("/a"));
    service.do(ann, create("/b"));
    const history = spoil(service.history(), ({ operations, txns }) => {
      const { completion } = operations[refused.id] ?? {};
      if (completion !== undefined) completion.outcome = failure(Code.THROTTLEDOP, "too many");
      txns.splice(1, 1);
    });

    expect(checkSessionOrder(history)).toEqual([]);
  });

  it("[CG4] finds a write of a lost connection that was done behind those of the next one", () => {
    const service = new ReferenceService();
    const ann = service.connect({ client: 0, sid: 2 });
    service.ask(ann, set("/", "late"));
    service.cut(ann);
    const again = service.connect({ client: 0, sid: 3, resume: ann.record.session?.id ?? 0 });
    service.do(again, create("/b"));
    service.execute(ann);

    const violations = checkSessionOrder(service.history());

    expect(rulesOf(violations)).toEqual(["CG4"]);
    expect(violations[0]?.message).toContain("earlier connection");
  });

  it("[CG4] lets a write of a lost connection be done before, or never", () => {
    const service = new ReferenceService();
    const ann = service.connect({ client: 0, sid: 2 });
    service.ask(ann, set("/", "done"));
    service.ask(ann, set("/", "never"));
    service.execute(ann);
    service.cut(ann);
    const again = service.connect({ client: 0, sid: 3, resume: ann.record.session?.id ?? 0 });
    service.do(again, create("/b"));

    expect(checkSessionOrder(service.history())).toEqual([]);
  });

  it("[CG5] finds answers in another order than the requests", () => {
    const service = new ReferenceService();
    const ann = service.connect({ client: 0 });
    service.ask(ann, get("/"));
    service.ask(ann, get("/b"));
    service.settle();
    const history = spoil(service.history(), ({ connections: [connection] }) => {
      const deliveries = connection?.deliveries ?? [];
      deliveries.push(...deliveries.splice(1, 1));
    });

    expect(rulesOf(checkSessionOrder(history))).toEqual(["CG5"]);
  });

  it("[CG6] finds an answer that is older than the one before it", () => {
    const service = new ReferenceService();
    const ann = service.connect({ client: 0 });
    service.do(ann, create("/a"));
    const read = service.do(ann, get("/a"));
    if (read.completion !== undefined) read.completion.zxid -= 1;

    const violations = checkSessionOrder(service.history());

    expect(rulesOf(violations)).toEqual(["CG6"]);
    expect(violations[0]?.message).toMatch(/had seen 0x100000002 and is shown 0x100000001/);
  });

  it("[CG6] finds a session that moved to a member that lags behind what it saw", () => {
    const service = new ReferenceService();
    const ann = service.connect({ client: 0 });
    service.do(ann, create("/a"));
    service.cut(ann);
    service.connect({ client: 0, sid: 2, resume: ann.record.session?.id ?? 0 });
    const history = spoil(service.history(), ({ connections: [, second] }) => {
      const [connected] = second?.deliveries ?? [];
      if (connected?.type === "connected") connected.zxid -= 1;
    });

    expect(rulesOf(checkSessionOrder(history))).toEqual(["CG6"]);
  });

  it("[CG6] lets sessions at other members see less than others", () => {
    const service = new ReferenceService();
    const ann = service.connect({ client: 0 });
    const bob = service.connect({ client: 1, sid: 2 });
    service.do(ann, create("/a"));
    service.do(bob, get("/a"));

    expect(checkSessionOrder(service.history())).toEqual([]);
  });

  it("[CG7] finds a sync that ends before what was acknowledged when it began", () => {
    const service = new ReferenceService();
    const ann = service.connect({ client: 0 });
    const bob = service.connect({ client: 1, sid: 2 });
    service.do(ann, create("/a"));
    service.do(bob, { op: "sync", path: "/a" });

    const violations = checkSessionOrder(service.history());

    expect(rulesOf(violations)).toEqual(["CG7"]);
    expect(violations[0]?.message).toMatch(/create "\/a".*\n.*sync "\/a"/);
  });

  it("[CG7] lets a sync miss what is acknowledged while it lasts", () => {
    const service = new ReferenceService();
    const ann = service.connect({ client: 0 });
    const bob = service.connect({ client: 1, sid: 2 });
    service.ask(bob, { op: "sync", path: "/a" });
    service.do(ann, create("/a"));
    service.execute(bob);
    service.settle();

    expect(checkSessionOrder(service.history())).toEqual([]);
  });

  it("[CG8] finds an answer older than Min-Zxid", () => {
    const service = new ReferenceService();
    const ann = service.connect({ client: 0, door: "linearizable" });
    const write = service.do(ann, create("/a"));
    const zxid = write.completion?.zxid ?? 0;
    service.do(ann, get("/a"), { minZxid: zxid });
    const tooOld = service.do(ann, get("/a"), { minZxid: zxid + 1 });

    const violations = checkSessionOrder(service.history());

    expect(rulesOf(violations)).toEqual(["CG8"]);
    expect(violations[0]?.message).toContain(`operation ${tooOld.id} `);
  });
});
