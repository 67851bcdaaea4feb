import { expect, test } from "vitest";
import { LIMITS } from "../../../src/core/limits.ts";
import { formatAck, parseAck } from "../../../src/protocol/flow-control.ts";
import { decodeMessage } from "../../../src/protocol/json/decode-message.ts";

test.each([0, 1_048_576, Number.MAX_SAFE_INTEGER])("[JS24] ack %d is read again", (count) => {
  expect(parseAck(formatAck(count))).toBe(count);
});

test.each(["", "ack", "ack ", "ack -1", "ack 1.5", "ack 1 ", "ACK 1", "ack 0x1", '"ack 1"', "[]"])(
  "[JS24] %j acknowledges nothing",
  (text) => {
    expect(parseAck(text)).toBeUndefined();
  },
);

test("[JS24] no JSON message is an acknowledgement, and no acknowledgement is JSON", () => {
  expect(parseAck(JSON.stringify({ id: 1, op: "ping" }))).toBeUndefined();
  expect(decodeMessage(formatAck(7), LIMITS)).toMatchObject([{ kind: "invalid" }]);
});
