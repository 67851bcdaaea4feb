import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Request } from "../../../src/core/request.ts";
import { ask } from "./describe-effect.ts";
import { ServerHarness, type TestClient } from "./server-harness.ts";

const DATA = "0123456789";

/** A client that takes 10 bytes of answers at a time, and a znode of as many. */
function tight(isImmediate = true): { harness: ServerHarness; client: TestClient } {
  const harness = new ServerHarness({ isImmediate });
  const client = harness.open();
  client.send(ask.create("/a", { data: DATA }));
  if (!isImmediate) harness.commit();
  client.take();
  harness.run({ type: "room", connection: client.id, bytes: 10 });
  return { harness, client };
}

describe("room for answers", () => {
  it("[NA21] without it everything waits, in order, and nothing is prepared", () => {
    const { harness, client } = tight();
    client.send(ask.get("/a"));
    client.send(ask.get("/a"));
    client.send(ask.set("/a", "new"));
    client.send({ op: "ping" });
    expect(client.take()).toEqual([`2 getData ${DATA} @1`]);
    expect(harness.store.log.lastZxid).toBe(1);

    harness.run({ type: "room", connection: client.id, bytes: 10 });
    expect(client.take()).toEqual([`3 getData ${DATA} @1`]);
    harness.run({ type: "room", connection: client.id, bytes: 10 });

    expect(client.take()).toEqual(["4 setData /a @2", "5 ping @2"]);
  });

  it("[NA21] one connection without it keeps no other one waiting", () => {
    const { harness, client } = tight();
    const other = harness.open();
    client.send(ask.get("/a"));
    client.send(ask.get("/a"));
    client.take();

    other.send(ask.set("/a", "new"));

    expect(other.take()).toEqual(["1 setData /a @2"]);
    expect(client.take()).toEqual([]);
  });

  it("[NA21] behind an uncommitted write 64 reads are admitted, and no write behind more", () => {
    const { harness, client } = tight(false);
    harness.run({ type: "room", connection: client.id, bytes: 1_000_000 });
    client.post(ask.set("/a", "1"));
    for (let n = 0; n < 65; n += 1) client.post(ask.get("/a"));
    client.post(ask.set("/a", "2"));
    harness.flush();
    expect(harness.store.log.lastZxid).toBe(2);

    harness.commit();
    expect(harness.store.log.lastZxid).toBe(3);
    harness.commit();

    const got = client.take();
    expect(got).toHaveLength(67);
    expect(got.slice(1, 66).every((one) => one.includes("getData 1 @2"))).toBe(true);
    expect(got.at(-1)).toContain("setData /a @3");
  });

  it("[NA21] changes no answer and no order, however little of it there is", () => {
    const request: fc.Arbitrary<Request> = fc.oneof(
      fc.constant(ask.get("/a")),
      fc.constant<Request>({ op: "ping" }),
      fc.nat(99).map((n) => ask.set("/a", `${n}`)),
      fc.nat(3).map((n) => ask.create(`/${n}`)),
      fc.nat(3).map((n) => ask.get(`/${n}`)),
      fc.constant(ask.get("/missing")),
    );
    const turn = fc.record({ requests: fc.array(request, { maxLength: 90 }), bytes: fc.nat(40) });
    fc.assert(
      fc.property(fc.array(turn, { maxLength: 8 }), (turns) => {
        const [limited, free] = [tight(), tight()];
        free.harness.run({ type: "room", connection: free.client.id, bytes: Infinity });
        for (const { requests, bytes } of turns) {
          for (const each of [limited, free]) {
            for (const one of requests) each.client.post(one);
            each.harness.flush();
          }
          limited.harness.run({ type: "room", connection: limited.client.id, bytes });
        }
        limited.harness.run({ type: "room", connection: limited.client.id, bytes: Infinity });

        expect(limited.client.take()).toEqual(free.client.take());
      }),
      { numRuns: 200 },
    );
  });
});
