import fc from "fast-check";
import { expect, test } from "vitest";
import { FRAME_BYTES_MAX, FrameJoiner, framesOf } from "../../../../src/protocol/jute/frame.ts";
import { cut } from "./cut.ts";
import { Body, framed } from "./native-client.ts";

const LENGTHS = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 });
const FRAMES = fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 12 });

test("[JU2] the same frames are found however the stream is cut", () => {
  fc.assert(
    fc.property(FRAMES, LENGTHS, (frames, lengths) => {
      const joiner = new FrameJoiner();
      const stream = Buffer.concat(frames.map(framed));

      const found = cut(stream, lengths).flatMap((piece) => {
        // A piece may be reused by whoever read it: nothing of it is kept.
        const own = new Uint8Array(piece);
        const joined = [...framesOf(joiner.push(own).frames)].map((one) => new Uint8Array(one));
        own.fill(0xee);
        return joined;
      });

      expect(found).toEqual(frames);
      expect(joiner.isAtBoundary).toBe(true);
    }),
    { numRuns: 1_000 },
  );
});

test.each([-1, -0x8000_0000, FRAME_BYTES_MAX + 1, 0x7fff_ffff])(
  "[JU2] a length of %i ends the stream behind the frames before it",
  (length) => {
    const first = framed(Buffer.from("abc"));
    const joiner = new FrameJoiner();

    const { frames, faultyLength } = joiner.push(
      Buffer.concat([first, new Body().int(length).bytes()]),
    );

    expect(Buffer.from(frames)).toEqual(first);
    expect(faultyLength).toBe(length);
  },
);

test("[JU2] the longest frame is whole once its last byte is there", () => {
  const joiner = new FrameJoiner();
  const frame = framed(new Uint8Array(FRAME_BYTES_MAX).fill(7));

  expect(joiner.push(frame.subarray(0, -1)).frames).toHaveLength(0);
  expect(Buffer.from(joiner.push(frame.subarray(-1)).frames).equals(frame)).toBe(true);
});

test("[JU2] the first frame may have a bound of its own", () => {
  const long = framed(new Uint8Array(11));
  const short = framed(new Uint8Array(10));

  expect(new FrameJoiner(100, 10).push(long).faultyLength).toBe(11);
  expect(new FrameJoiner(100, 10).push(Buffer.concat([short, long])).faultyLength).toBeUndefined();
});

test("[JU3] a length without its bytes reserves nothing", () => {
  const prefix = new Body().int(FRAME_BYTES_MAX).bytes();
  const before = process.memoryUsage().arrayBuffers;

  const joiners = Array.from({ length: 1_000 }, () => new FrameJoiner());
  for (const joiner of joiners) joiner.push(prefix);

  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50_000_000);
  expect(joiners.every((joiner) => !joiner.isAtBoundary)).toBe(true);
});
