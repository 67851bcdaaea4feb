import { describe, expect, test } from "vitest";
import type { ConnectionCodec } from "../../../src/protocol/connection-codec.ts";
import { Outbound } from "../../../src/protocol/outbound.ts";

/** A codec that encodes whatever comes as so many bytes. */
class FakeCodec implements ConnectionCodec {
  readonly subprotocol: string = "fake";
  readonly isCut: boolean = false;
  readonly isPaced: boolean;
  length = 0;

  constructor(isPaced: boolean) {
    this.isPaced = isPaced;
  }

  receive(): [] {
    return [];
  }

  reply(): undefined {
    this.length += 10;
  }

  connected(): void {
    this.length += 10;
  }

  event(): undefined {
    this.length += 10;
  }

  take(): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.length);
    this.length = 0;
    return bytes;
  }
}

/** With a limit of 160 bytes: 40 ahead of acknowledgements, which are asked for after 10. */
function made(isPaced = true) {
  const codec = new FakeCodec(isPaced);
  return { codec, outbound: new Outbound<{ n: number }>(codec, { SEND_BUFFER_BYTES_MAX: 160 }) };
}

describe("what goes out to a client", () => {
  test("[NA21] is held, in order, when a quarter of the limit is unread", () => {
    const { codec, outbound } = made();
    for (let n = 0; n < 4; n += 1) {
      expect(outbound.isHolding).toBe(false);
      codec.reply();
    }
    expect(outbound.isHolding).toBe(true);
    outbound.hold({ n: 1 }, 0);
    outbound.hold({ n: 2 }, 0);
    expect(outbound.take()).toEqual([new Uint8Array(40), "ack 40"]);
    expect([...outbound.released(false)]).toEqual([]);

    outbound.acknowledged(40);
    const released = [];
    for (const effect of outbound.released(false)) {
      codec.reply();
      released.push(effect.n);
    }

    expect(released).toEqual([1, 2]);
    expect(outbound.hasHeld).toBe(false);
    expect(outbound.room).toBe(20);
  });

  test("[NA21] waits behind what is held, also when there is room again", () => {
    const { codec, outbound } = made();
    codec.length = 40;
    outbound.hold({ n: 1 }, 0);
    outbound.take();
    outbound.acknowledged(40);

    expect(outbound.room).toBe(40);
    expect(outbound.isHolding).toBe(true);
  });

  test("[NA21] is released whatever is unread when it is the last", () => {
    const { codec, outbound } = made();
    codec.length = 40;
    outbound.hold({ n: 1 }, 0);

    expect([...outbound.released(true)]).toEqual([{ n: 1 }]);
  });

  test("[NA21] leaves room once all that was asked for is acknowledged", () => {
    const { codec, outbound } = made();
    for (let n = 0; n < 1_000; n += 1) {
      codec.length = 1 + (n % 23);
      for (const part of outbound.take()) {
        if (typeof part === "string") outbound.acknowledged(Number(part.slice(4)));
      }
      expect(outbound.room).toBeGreaterThan(0);
    }
  });

  test("[NA11] overflows when more than the limit is held for its client alone", () => {
    const { codec, outbound } = made();
    codec.length = 40;
    outbound.hold({ n: 1 }, 160);
    expect(outbound.overflow()).toBeUndefined();
    outbound.hold({ n: 2 }, 1);

    expect(outbound.overflow()).toContain("SEND_BUFFER_BYTES_MAX");
    expect(outbound.take()).toEqual([]);
    expect(outbound.hasHeld).toBe(false);
  });

  test("[DO16] of a codec without pace is never held, and overflows behind the limit", () => {
    const { codec, outbound } = made(false);
    codec.length = 161;
    expect(outbound.isHolding).toBe(false);
    outbound.take();
    expect(outbound.overflow()).toBeUndefined();

    codec.length = 1;

    expect(outbound.overflow()).toContain("saw 161");
  });
});
