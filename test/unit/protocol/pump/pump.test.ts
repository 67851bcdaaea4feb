import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LIMITS } from "../../../../src/core/limits.ts";
import { HANDSHAKE_BYTES_MAX, HANDSHAKE_MS } from "../../../../src/protocol/pump.ts";
import { cut } from "../jute/cut.ts";
import { Body, framed, requestFrame } from "../jute/native-client.ts";
import { answer, HANDSHAKE, joined, PING, PumpHarness } from "./pump-harness.ts";

const request = (xid: number, bodyBytes = 0): Buffer =>
  framed(Buffer.concat([requestFrame(xid, 3), Buffer.alloc(bodyBytes, 1)]));

const pingReply = (zxid: number): Buffer => answer(-2, zxid);

const SOME_LENGTHS = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 });

describe("bytes", () => {
  test("[PU1] however a client's stream is cut, the shard gets the same frames", () => {
    const frame = fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map((bytes) => request(1, bytes.length)),
      fc.uint8Array({ minLength: 8, maxLength: 40 }).map((bytes) => {
        const own = Buffer.from(bytes);
        // Any body and any operation but a ping's, which is tested by itself.
        own[7] = 3;
        return framed(own);
      }),
    );
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 12 }), SOME_LENGTHS, (frames, lengths) => {
        const stream = Buffer.concat([HANDSHAKE, ...frames]);
        const harness = new PumpHarness();

        for (const piece of cut(stream, lengths)) harness.client(piece);

        expect(harness.shardBytes).toBe(stream.toString("hex"));
        expect(harness.others).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  test("[PU1] however a shard's messages are cut, the client gets the same bytes", () => {
    const size = fc.integer({ min: 0, max: 60 });
    fc.assert(
      fc.property(fc.array(size, { maxLength: 12 }), SOME_LENGTHS, (sizes, lengths) => {
        const frames = sizes.map((bytes, index) => answer(index + 1, index + 1, bytes));
        const stream = Buffer.concat([joined(9_000), ...frames]);
        const harness = new PumpHarness().client(HANDSHAKE);

        for (const piece of cut(stream, lengths)) harness.shard(piece);
        harness.client(PING).shard("pong");

        expect(harness.clientBytes).toEqual(Buffer.concat([stream, pingReply(frames.length)]));
      }),
      { numRuns: 500 },
    );
  });

  test("[PU1][PU2] however the stream is cut, each ping among the frames is one text", () => {
    const isPing = fc.array(fc.boolean(), { maxLength: 20 });
    fc.assert(
      fc.property(isPing, SOME_LENGTHS, (kinds, lengths) => {
        const frames = kinds.map((ping, xid) => (ping ? PING : request(xid, xid)));
        const harness = new PumpHarness().join();

        for (const piece of cut(Buffer.concat(frames), lengths)) harness.client(piece);
        for (const _ of harness.shardTexts) harness.shard("pong");

        const requests = frames.filter((frame) => frame !== PING);
        expect(harness.shardBytes).toBe(Buffer.concat(requests).toString("hex"));
        expect(harness.shardTexts).toHaveLength(frames.length - requests.length);
        const replies = harness.shardTexts.map(() => pingReply(0));
        expect(harness.clientBytes).toEqual(Buffer.concat(replies));
      }),
    );
  });

  test("[PU1] frames that come together go together", () => {
    const harness = new PumpHarness().join();

    harness.client(Buffer.concat([request(1), request(2), request(3).subarray(0, 5)]));

    expect(harness.toShard).toEqual([Buffer.concat([request(1), request(2)]).toString("hex")]);
  });

  test("[PU1] more than a message holds is sent in several, cut between frames", () => {
    const harness = new PumpHarness().join();
    const frame = request(1, 1_000_000);

    harness.client(Buffer.concat(Array.from({ length: 6 }, () => frame)));

    const lengths = harness.toShard.map((message) => message.length / 2 / frame.length);
    expect(lengths).toEqual([4, 2]);
  });

  test("[PU12] the shard hears nothing before the whole handshake", () => {
    const harness = new PumpHarness();

    harness.client(HANDSHAKE.subarray(0, -1));
    expect(harness.toShard).toEqual([]);

    harness.client(HANDSHAKE.subarray(-1));
    expect(harness.toShard).toEqual([HANDSHAKE.toString("hex")]);
  });

  test("[PU12] a handshake that looks like a ping is one", () => {
    const handshake = framed(new Body().int(0).int(11).long(0).long(0).bytes());

    expect(new PumpHarness().client(handshake).toShard).toEqual([handshake.toString("hex")]);
  });
});

describe("pings", () => {
  test("[PU2] a native ping is a text, and its answer the reply with the last zxid", () => {
    const harness = new PumpHarness().join().client(request(1)).shard(answer(1, 0x1_0000_0005));

    harness.client(PING);
    expect(harness.shardTexts).toEqual(["ping"]);

    harness.shard("pong");
    expect(harness.toClient.at(-1)).toEqual(pingReply(0x1_0000_0005));
  });

  test("[PU2] a zxid that is lower, or none, is not the last", () => {
    const harness = new PumpHarness().join().client(request(1)).client(request(2));

    harness.shard(answer(1, 9)).shard(answer(2, -1)).shard(answer(-4, 0));
    harness.client(PING).shard("pong");

    expect(harness.toClient.at(-1)).toEqual(pingReply(9));
  });

  test("[PU2] a ping between requests leaves their order", () => {
    const harness = new PumpHarness().join();

    harness.client(Buffer.concat([request(1), PING, request(2)]));

    const [one, two] = [request(1).toString("hex"), request(2).toString("hex")];
    expect(harness.toShard).toEqual([one, "ping", two]);
  });

  test("[PU2] a ping of any xid is one", () => {
    const harness = new PumpHarness().join().client(framed(new Body().int(5).int(11).bytes()));

    expect(harness.shard("pong").toClient).toEqual([pingReply(0)]);
  });

  test("[PU3] without a pong there is no reply", () => {
    const harness = new PumpHarness().join().client(PING).client(PING);

    expect(harness.toClient).toEqual([]);
    expect(harness.shard("pong").toClient).toEqual([pingReply(0)]);
  });

  test("[PU3] a pong that nobody asked for is ignored", () => {
    expect(new PumpHarness().join().shard("pong").toClient).toEqual([]);
  });

  test("[PU5] the reply to a ping waits for the end of a frame", () => {
    const harness = new PumpHarness().join().client(request(1)).client(PING);
    const reply = answer(1, 3, 50);

    harness.shard(reply.subarray(0, 30)).shard("pong");
    expect(harness.clientBytes).toEqual(reply.subarray(0, 30));

    harness.shard(reply.subarray(30));
    expect(harness.clientBytes).toEqual(Buffer.concat([reply, pingReply(3)]));
  });

  test("[PU5] the reply to a ping is behind the answer to the handshake", () => {
    const harness = new PumpHarness().client(Buffer.concat([HANDSHAKE, PING]));

    harness.shard("pong");
    expect(harness.toClient).toEqual([]);

    harness.shard(joined(9_000));
    expect(harness.toClient).toEqual([joined(9_000), pingReply(0)]);
  });
});

describe("heartbeats", () => {
  test("[PU4] a client that is heard is alive once in a third of its timeout", () => {
    const harness = new PumpHarness().join(9_000);

    harness.nowMs += 2_999;
    expect(harness.client(request(1)).shardTexts).toEqual([]);
    harness.nowMs += 1;
    expect(harness.client(request(2)).shardTexts).toEqual(["ping"]);
    expect(harness.shard("pong").toClient).toEqual([]);
    harness.nowMs += 2_999;
    expect(harness.client(request(3)).shardTexts).toEqual(["ping"]);
  });

  test("[PU4] a part of a frame is a sign of life", () => {
    const harness = new PumpHarness().join(9_000);
    harness.nowMs += 3_000;

    expect(harness.client(request(1).subarray(0, 1)).toShard).toEqual(["ping"]);
  });

  test.each([100, 102])("[SE30] authentication, operation %i, is no sign of life", (op) => {
    const harness = new PumpHarness().join(9_000);
    harness.nowMs += 3_000;
    const frame = Buffer.alloc(12);
    frame.writeInt32BE(8);
    frame.writeInt32BE(op, 8);

    expect(harness.client(frame).shardTexts).toEqual([]);
    expect(harness.client(Buffer.concat([frame, request(1)])).shardTexts).toEqual(["ping"]);
  });

  test("[PU4] a native ping is a heartbeat", () => {
    const harness = new PumpHarness().join(9_000);
    harness.nowMs += 2_000;
    harness.client(PING).shard("pong");
    harness.nowMs += 2_000;

    expect(harness.client(request(1)).shardTexts).toEqual(["ping"]);
  });

  test("[PU4] time and the shard make no heartbeat", () => {
    const harness = new PumpHarness().join(9_000);
    harness.nowMs += 100_000;

    harness.tick().shard(answer(-1, 5)).written(20).shard("pong");

    expect(harness.shardTexts).toEqual([]);
    expect(harness.pump.deadlineMs).toBeUndefined();
  });

  test("[PU4] one heartbeat is under way at a time", () => {
    const harness = new PumpHarness().join(9_000);

    for (let count = 0; count < 5; count += 1) {
      harness.nowMs += 4_000;
      harness.client(request(count));
    }

    expect(harness.shardTexts).toEqual(["ping"]);
  });
});

describe("credit", () => {
  test("[PU6] the client is not read while 1,000 requests are unanswered", () => {
    const harness = new PumpHarness().join();
    for (let xid = 1; xid < 1_000; xid += 1) harness.client(request(xid));

    expect(harness.pump.wantsPause).toBe(false);
    expect(harness.client(request(1_000)).pump.wantsPause).toBe(true);
    expect(harness.shard(answer(1, 1)).pump.wantsPause).toBe(false);
  });

  test("[PU6] an event answers nothing", () => {
    const harness = new PumpHarness().join();
    for (let xid = 1; xid <= 1_000; xid += 1) harness.client(request(xid));

    expect(harness.shard(answer(-1, 1)).pump.wantsPause).toBe(true);
  });

  test("[PU6] the client is not read while 1 MiB is unanswered", () => {
    const harness = new PumpHarness().join().client(request(1)).client(request(2, 1_048_563));

    expect(harness.pump.wantsPause).toBe(true);
    expect(harness.shard(answer(1, 1)).pump.wantsPause).toBe(false);
    expect(harness.client(request(3)).pump.wantsPause).toBe(true);
    expect(harness.shard(answer(2, 1)).pump.wantsPause).toBe(false);
  });

  test("[PU6] pings without an answer count", () => {
    const harness = new PumpHarness().join();
    for (let count = 0; count < 1_000; count += 1) harness.client(PING);

    expect(harness.pump.wantsPause).toBe(true);
    expect(harness.shard("pong").pump.wantsPause).toBe(false);
  });

  test("[PU6] whoever answers everything is never paused for good", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5_000 }), { maxLength: 2_500 }), (sizes) => {
        const harness = new PumpHarness().join();
        for (const [index, size] of sizes.entries()) {
          harness.client(request(index, size));
          if (!harness.pump.wantsPause && index % 3 > 0) continue;
          harness.shard(answer(index, 1));
        }
        for (const index of sizes.keys()) harness.shard(answer(index, 1));

        expect(harness.pump.wantsPause).toBe(false);
      }),
      { numRuns: 20 },
    );
  });
});

describe("what is no native client", () => {
  test.each(["ruok", "stat", "mntr", "isro", "stmk"])("[PU7] %s is handed out, once", (word) => {
    const harness = new PumpHarness();

    for (const piece of cut(Buffer.from(`${word}\n`), [1])) harness.client(piece);
    harness.client(HANDSHAKE).clientClosed();

    expect(harness.others).toEqual([{ type: "command", word }]);
    expect(harness.toShard).toEqual([]);
    expect(harness.pump.deadlineMs).toBeUndefined();
  });

  test("[PU7] a word behind the handshake is a frame that is too long", () => {
    const harness = new PumpHarness().join().client(Buffer.from("ruok"));

    expect(harness.closeReason).toBe(
      "expected a frame of 0 to 1048575 bytes, saw a length of 1920298859",
    );
  });

  test.each([
    ["HTTP", "GET / HTTP/1.1\r\n\r\n"],
    ["a word that is none", "abcd"],
    ["a telnet that goes", "\xff\xf4\xff\xfd\x06"],
  ])("[PU8] %s is closed without a reply", (_, text) => {
    const harness = new PumpHarness().client(Buffer.from(text, "latin1"));

    expect(harness.closeReason).toMatch(/^expected a frame of 0 to 1024 bytes, saw a length of /);
    expect([...harness.toClient, ...harness.toShard]).toEqual([]);
  });

  test.each([-1, LIMITS.DATA_BYTES_MAX + 1])(
    "[PU8] a length of %i closes behind the frames before it",
    (length) => {
      const harness = new PumpHarness().join();

      harness.client(Buffer.concat([request(1), new Body().int(length).bytes(), request(2)]));

      expect(harness.toShard).toEqual([request(1).toString("hex")]);
      expect(harness.closeReason).toBe(
        `expected a frame of 0 to 1048575 bytes, saw a length of ${length}`,
      );
    },
  );

  test("[PU8] the longest frame passes", () => {
    const harness = new PumpHarness().join().client(request(1, LIMITS.DATA_BYTES_MAX - 8));

    expect(harness.others).toEqual([]);
    expect(harness.toShard).toHaveLength(1);
  });

  test("[PU9] a client without a session is closed after 10 s", () => {
    const harness = new PumpHarness();
    const { deadlineMs } = harness.pump;
    expect(deadlineMs).toBe(harness.nowMs + HANDSHAKE_MS);
    harness.client(HANDSHAKE);

    harness.nowMs += HANDSHAKE_MS - 1;
    expect(harness.tick().closeReason).toBeUndefined();
    harness.nowMs += 1;
    expect(harness.tick().closeReason).toBe("expected a session within 10000 ms, saw none");
  });

  test("[PU9] an answer that the session is over is no session", () => {
    const harness = new PumpHarness().client(HANDSHAKE).shard(joined(0));

    expect(harness.toClient).toEqual([joined(0)]);
    expect(harness.pump.deadlineMs).toBeDefined();
  });

  test("[PU9] a handshake has 1,024 bytes", () => {
    const long = framed(Buffer.alloc(HANDSHAKE_BYTES_MAX + 1));
    const allowed = framed(Buffer.alloc(HANDSHAKE_BYTES_MAX));

    expect(new PumpHarness().client(long.subarray(0, 4)).closeReason).toBeDefined();
    expect(new PumpHarness().client(allowed).toShard).toHaveLength(1);
  });

  test("[PU8] random bytes never throw", () => {
    const inputs = fc.array(
      fc.oneof(
        fc.uint8Array({ maxLength: 80 }),
        fc.constantFrom(HANDSHAKE, PING, request(1), joined(9_000), answer(1, 1)),
      ),
    );
    fc.assert(
      fc.property(inputs, fc.boolean(), (pieces, startsInOrder) => {
        const harness = startsInOrder ? new PumpHarness().join() : new PumpHarness();
        for (const [index, piece] of pieces.entries()) {
          if (index % 3 === 2) harness.shard(piece).shard("pong").written(piece.length);
          else harness.client(piece);
        }

        expect(harness.others.length).toBeLessThan(2);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("the client's reading and both ends", () => {
  test("[PU10] an acknowledgement is given once the client took all before it", () => {
    const harness = new PumpHarness().join();
    harness.shard(answer(-1, 1)).shard("ack 20").shard(answer(-1, 2)).shard("ack 40");

    expect(harness.written(19).shardTexts).toEqual([]);
    expect(harness.written(1).shardTexts).toEqual(["ack 20"]);
    expect(harness.written(20).shardTexts).toEqual(["ack 20", "ack 40"]);
  });

  test("[PU10] an acknowledgement of what is taken already is given at once", () => {
    const harness = new PumpHarness().join().shard("ack 36");

    expect(harness.shardTexts).toEqual(["ack 36"]);
  });

  test("[PU10] other texts mean nothing", () => {
    const harness = new PumpHarness().join().shard("ack x").shard("hello").shard("");

    expect([...harness.toShard, ...harness.others]).toEqual([]);
  });

  test("[PU10] a client that reads nothing is closed", () => {
    const harness = new PumpHarness().join();
    const large = answer(-1, 1, LIMITS.SEND_BUFFER_BYTES_MAX);

    harness.shard(large);
    expect(harness.closeReason).toBeUndefined();
    harness.shard(answer(-1, 2));

    expect(harness.closeReason).toMatch(/^expected at most 4194304 unread bytes/);
    expect(harness.clientBytes).toHaveLength(large.length);
  });

  test("[PU10] a client that reads is not", () => {
    const harness = new PumpHarness().join();
    const large = answer(-1, 1, LIMITS.SEND_BUFFER_BYTES_MAX);

    for (let count = 0; count < 3; count += 1) harness.shard(large).written(large.length);

    expect(harness.closeReason).toBeUndefined();
  });

  test.each(["clientClosed", "shardClosed"] as const)(
    "[PU11] after %s nothing more is done",
    (close) => {
      const harness = new PumpHarness().join();

      harness[close]();
      harness.client(request(1)).shard(answer(1, 1)).shard("pong").written(5).tick();
      harness.clientClosed().shardClosed();

      expect(harness.others).toHaveLength(1);
      expect(harness.closeReason).toMatch(/closed the connection$/);
      expect([...harness.toShard, ...harness.toClient]).toEqual([]);
    },
  );

  test("[PU11] a shard that sends no frames is closed", () => {
    const harness = new PumpHarness().join().shard(new Body().int(-5).bytes());

    expect(harness.closeReason).toBe("expected frames from the shard, saw a negative length");
    expect(harness.toClient).toEqual([]);
  });
});
