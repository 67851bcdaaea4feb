import { describe, expect, it } from "vitest";
import { isFailure } from "../../../src/core/keeper-error.ts";
import { LIMITS } from "../../../src/core/limits.ts";
import { ask } from "./describe-effect.ts";
import { ServerHarness } from "./server-harness.ts";

describe("idempotency keys", () => {
  const key = { idempotencyKey: "k1" };

  it("[ID1] a retry gets the first answer and changes nothing, also after a restart", () => {
    const harness = new ServerHarness();
    const client = harness.open();
    client.send(ask.create("/a"), key);
    client.send(ask.delete("/a"));
    client.send(ask.create("/a"), key);
    expect(client.take()).toEqual(["1 create /a @1", "2 delete /a @2", "3 create /a @1 replayed"]);

    harness.restart({ sockets: false });
    const later = harness.open();
    later.send(ask.create("/a"), key);
    expect(later.take()).toEqual(["1 create /a @1 replayed"]);
    expect(harness.store.tables.get("/a")).toBeUndefined();
  });

  it("[ID2] a retry while the first is under way waits for it and gets the same answer", () => {
    const harness = new ServerHarness({ isImmediate: false });
    const [first, retry] = [harness.open(), harness.open()];
    first.send(ask.set("/missing", "1"), key);
    retry.send(ask.set("/missing", "1"), key);
    retry.send(ask.create("/b"));
    expect(retry.take()).toEqual([]);

    harness.commit();

    expect(first.take()).toEqual(["1 NONODE @1"]);
    expect(retry.take()).toEqual(["1 NONODE @1 replayed", "2 create /b @2"]);
    expect(retry.outputs[0]).toMatchObject({ outcome: { path: "/missing" } });
  });

  it("[ID2] a retry waits also when the first connection is gone", () => {
    const harness = new ServerHarness({ isImmediate: false });
    const [first, retry] = [harness.open(), harness.open()];
    first.send(ask.create("/a"), key);
    first.drop();
    retry.send(ask.create("/a"), key);
    harness.commit();
    expect(retry.take()).toEqual(["1 create /a @1 replayed"]);
  });

  it("[ID3] an outcome is forgotten after IDEMPOTENCY_MS", () => {
    const harness = new ServerHarness();
    const client = harness.open();
    client.send(ask.create("/a"), key);
    harness.nowMs += LIMITS.IDEMPOTENCY_MS - 1;
    client.send(ask.create("/a"), key);
    harness.nowMs += 1;
    client.send(ask.create("/a"), key);
    expect(client.take()).toEqual(["1 create /a @1", "2 create /a @1 replayed", "3 NODEEXISTS @2"]);
  });

  it("[ID4] a key that was used for another kind of request is refused", () => {
    const harness = new ServerHarness();
    const client = harness.open();
    client.send(ask.create("/a"), key);
    client.send(ask.delete("/a"), key);
    expect(client.take()).toEqual(["1 create /a @1", "2 BADARGUMENTS @1 replayed"]);
    expect(harness.store.tables.get("/a")).toBeDefined();
  });

  it("[ID4] a key that is too long is refused by the limit's name", () => {
    const harness = new ServerHarness();
    const client = harness.open();
    client.send(ask.create("/a"), { idempotencyKey: "x".repeat(65) });
    const [reply] = client.outputs;
    expect(reply?.type === "reply" && isFailure(reply.outcome) && reply.outcome.message).toContain(
      "IDEMPOTENCY_KEY_BYTES_MAX",
    );
  });

  it("[ID2] a retry of a discarded write loses its connection like the first", () => {
    const harness = new ServerHarness({ isImmediate: false });
    const [first, retry] = [harness.open(), harness.open()];
    first.send(ask.create("/a"), key);
    retry.send(ask.create("/a"), key);
    harness.discard(0);
    expect(retry.take()).toEqual(["1 CONNECTIONLOSS @0", "close CONNECTIONLOSS"]);
    const again = harness.open();
    again.send(ask.create("/a"), key);
    harness.commit();
    expect(again.take()).toEqual(["1 create /a @1"]);
  });
});
