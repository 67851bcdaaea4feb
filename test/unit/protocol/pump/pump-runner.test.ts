import { describe, expect, test } from "vitest";
import { LIMITS } from "../../../../src/core/limits.ts";
import { LINGER_MS } from "../../../../src/protocol/pump-runner.ts";
import { OUTSTANDING_REQUESTS_PAUSE } from "../../../../src/protocol/pump-credit.ts";
import { HANDSHAKE_MS } from "../../../../src/protocol/pump.ts";
import { Body, framed, requestFrame } from "../jute/native-client.ts";
import { answer, HANDSHAKE, joined, PING } from "./pump-harness.ts";
import { RunnerHarness } from "./runner-harness.ts";

const request = (xid: number): Buffer =>
  framed(requestFrame(xid, 3, new Body().string("/a").bool(false)));

/** A connection with its session, and nothing to look at yet. */
async function open(): Promise<RunnerHarness> {
  const harness = new RunnerHarness();
  await harness.send(HANDSHAKE);
  await harness.shard(joined(9_000));
  harness.toShard.length = 0;
  harness.client.written.length = 0;
  return harness;
}

describe("a connection", () => {
  test("[NA12] opens the way to the shard with its handshake, once", async () => {
    const harness = new RunnerHarness();
    await harness.send(HANDSHAKE.subarray(0, 20));
    expect(harness.opened).toBe(0);

    await harness.send(HANDSHAKE.subarray(20));
    await harness.send(request(1));

    expect(harness.opened).toBe(1);
    expect(harness.toShard).toEqual([HANDSHAKE, request(1)]);
  });

  test("[NA12] keeps in order what comes while the way to the shard opens", async () => {
    const harness = new RunnerHarness();
    const way = Promise.withResolvers<void>();
    harness.opening = way.promise;
    await harness.send(HANDSHAKE);
    await harness.send(Buffer.concat([request(1), PING]));
    expect(harness.toShard).toEqual([]);

    way.resolve();
    await harness.settle();
    await harness.send(request(2));

    expect(harness.toShard).toEqual([HANDSHAKE, request(1), "ping", request(2)]);
  });

  test("[NA12] passes on what the shard sends, and acknowledges once it is written", async () => {
    const harness = await open();
    harness.client.isStuck = true;
    await harness.shard(answer(1, 5));
    await harness.shard("ack 20");
    expect(harness.toShard).toEqual([]);

    harness.client.take();
    await harness.settle();

    expect(harness.clientBytes).toEqual(answer(1, 5));
    expect(harness.toShard).toEqual(["ack 20"]);
  });

  test("[NA12] writes what gathered behind a slow write in one piece", async () => {
    const harness = await open();
    harness.client.isStuck = true;
    for (let xid = 1; xid <= 4; xid += 1) await harness.shard(answer(xid, xid));
    harness.client.take();
    await harness.settle();

    expect(harness.client.written).toHaveLength(2);
    expect(harness.clientBytes).toEqual(Buffer.concat([1, 2, 3, 4].map((n) => answer(n, n))));
  });

  test("[NA13] is not read while the shard owes too many answers", async () => {
    const harness = await open();
    const requests = Array.from({ length: OUTSTANDING_REQUESTS_PAUSE }, (_, n) => request(n + 1));
    await harness.send(Buffer.concat(requests));
    const { reads } = harness.client;
    await harness.send(request(2_000));
    expect(harness.toShard).toHaveLength(1);

    await harness.shard(answer(1, 1));

    expect(harness.client.reads).toBe(reads + 1);
    expect(harness.toShard.at(-1)).toEqual(request(2_000));
  });
});

describe("the end", () => {
  test("[NA14] of the client closes the shard's side", async () => {
    const harness = await open();
    await harness.send(undefined);
    await harness.ended;

    expect(harness.shardClosedBecause).toBe("the client closed the connection");
    expect(harness.client.ends).toEqual(["end"]);
    expect(harness.timers).toBe(0);
  });

  test("[NA14] of a client that breaks closes the shard's side", async () => {
    const harness = await open();
    await harness.send(new Error("reset by peer"));
    await harness.ended;

    expect(harness.shardClosedBecause).toBe("the client closed the connection");
    expect(harness.error).toBeUndefined();
  });

  test("[NA14] of the shard closes the client behind what was written to it", async () => {
    const harness = await open();
    harness.client.isStuck = true;
    await harness.shard(answer(1, 1));
    harness.listener?.onClosed();
    await harness.settle();
    expect(harness.client.ends).toEqual([]);

    harness.client.take();
    await harness.ended;

    expect(harness.clientBytes).toEqual(answer(1, 1));
    expect(harness.client.ends).toEqual(["end"]);
    expect(harness.reason).toBe("the shard closed the connection");
  });

  test("[NA14] of the shard ends a client that is paused", async () => {
    const harness = await open();
    const requests = Array.from({ length: OUTSTANDING_REQUESTS_PAUSE }, (_, n) => request(n + 1));
    await harness.send(Buffer.concat(requests));
    harness.listener?.onClosed();
    await harness.ended;

    expect(harness.client.ends).toEqual(["end"]);
  });

  test("[NA14] does not wait longer than LINGER_MS for a client that does not read", async () => {
    const harness = await open();
    harness.client.isStuck = true;
    await harness.shard(answer(1, 1));
    harness.listener?.onClosed();
    await harness.settle();

    await harness.pass(LINGER_MS - 1);
    expect(harness.client.ends).toEqual([]);
    await harness.pass(1);

    expect(harness.client.ends[0]).toBe("abort");
    await harness.ended;
  });

  test("[NA14] comes when a client reads nothing of SEND_BUFFER_BYTES_MAX", async () => {
    const harness = await open();
    harness.client.isStuck = true;
    for (let n = 0; n < 8; n += 1) await harness.shard(answer(-1, n, 1_000_000));

    expect(harness.shardClosedBecause).toContain(`${LIMITS.SEND_BUFFER_BYTES_MAX} unread bytes`);
    await harness.pass(LINGER_MS);
    await harness.ended;
    expect(harness.clientBytes).toHaveLength(0);
  });

  test("[NA14] comes when there is no way to the shard", async () => {
    const harness = new RunnerHarness();
    harness.opening = Promise.reject(new Error("503"));
    await harness.send(HANDSHAKE);
    await harness.ended;

    expect(harness.client.written).toEqual([]);
    expect(harness.client.ends).toEqual(["end"]);
  });

  test("[NA14] closes a way to the shard that opens too late", async () => {
    const harness = new RunnerHarness();
    const way = Promise.withResolvers<void>();
    harness.opening = way.promise;
    await harness.send(HANDSHAKE);
    await harness.send(undefined);
    await harness.ended;

    way.resolve();
    await harness.settle();

    expect(harness.shardClosedBecause).toBe("the client closed the connection");
    expect(harness.toShard).toEqual([]);
  });

  test("[NA15] comes without a session within HANDSHAKE_MS, and not with one", async () => {
    const [silent, session] = [new RunnerHarness(), await open()];
    await silent.pass(HANDSHAKE_MS - 1);
    expect(silent.reason).toBeUndefined();
    await silent.pass(1);
    await session.pass(HANDSHAKE_MS * 10);

    await silent.ended;
    expect(silent.opened).toBe(0);
    expect(session.reason).toBeUndefined();
  });
});

describe("a four-letter word", () => {
  test("[NA16] is answered, and the connection closed, without a way to the shard", async () => {
    const harness = new RunnerHarness();
    await harness.send(Buffer.from("ruok"));
    await harness.ended;

    expect(harness.words).toEqual(["ruok"]);
    expect(harness.clientBytes.toString()).toBe("imok");
    expect(harness.client.ends).toEqual(["end"]);
    expect(harness.opened).toBe(0);
  });

  test("[NA16] is answered to a client that has ended its side", async () => {
    const harness = new RunnerHarness();
    const said = Promise.withResolvers<Uint8Array>();
    harness.answering = said.promise;
    harness.client.send(Buffer.from("ruok"));
    await harness.send(undefined);
    said.resolve(Buffer.from("imok"));
    await harness.ended;

    expect(harness.clientBytes.toString()).toBe("imok");
  });

  test("[NA16] that can't be answered closes the connection", async () => {
    const harness = new RunnerHarness();
    harness.answering = Promise.reject(new Error("no shard"));
    await harness.send(Buffer.from("mntr"));
    await harness.ended;

    expect(harness.clientBytes).toHaveLength(0);
    expect(harness.client.ends).toEqual(["end"]);
  });
});
