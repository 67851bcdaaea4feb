import fc from "fast-check";
import { expect, test } from "vitest";
import {
  decodeBase64,
  decodeBase64Url,
  encodeBase64,
  encodeBase64Url,
} from "../../../src/protocol/base64.ts";

const bytes = fc.uint8Array({ maxLength: 64 });

test("[JS20] both alphabets encode as Node does", () => {
  fc.assert(
    fc.property(bytes, (data) => {
      expect(encodeBase64(data)).toBe(Buffer.from(data).toString("base64"));
      expect(encodeBase64Url(data)).toBe(Buffer.from(data).toString("base64url"));
    }),
  );
});

test("[JS20] what was encoded is decoded to the same bytes", () => {
  fc.assert(
    fc.property(bytes, (data) => {
      expect(decodeBase64(encodeBase64(data))).toEqual(data);
      expect(decodeBase64Url(encodeBase64Url(data))).toEqual(data);
    }),
  );
});

test("[JS20] a text is decoded only if it is the canonical spelling of its bytes", () => {
  const almostBase64 = fc.string({
    unit: fc.constantFrom(..."AQgwZ+/-_=é".split("")),
    maxLength: 9,
  });
  fc.assert(
    fc.property(almostBase64, (text) => {
      const standard = decodeBase64(text);
      const url = decodeBase64Url(text);
      expect(standard === undefined ? text : encodeBase64(standard)).toBe(text);
      expect(url === undefined ? text : encodeBase64Url(url)).toBe(text);
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  "A",
  "AA",
  "AAA",
  "AA=",
  "AB==",
  "AI==",
  "AAB=",
  "A===",
  "====",
  "=",
  "AA==AA==",
  "A A=",
  "AA-_",
])("[JS20] %j is no standard base64", (text) => {
  expect(decodeBase64(text)).toBeUndefined();
});

test.each(["A", "AB", "AAB", "AA==", "AA+/", "AAAAA"])("[JS20] %j is no base64url", (text) => {
  expect(decodeBase64Url(text)).toBeUndefined();
});
