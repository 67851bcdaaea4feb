import fc from "fast-check";
import { expect, test } from "vitest";
import {
  formatSessionId,
  formatSessionToken,
  parseSessionId,
  parseSessionToken,
} from "../../../src/protocol/session-token.ts";

const PASSWORD = Uint8Array.from({ length: 16 }, (_, i) => i);

test("[JS19] a token is the id in hex and the password in base64url", () => {
  expect(formatSessionToken({ id: 0x5b1e, password: PASSWORD })).toBe(
    "5b1e.AAECAwQFBgcICQoLDA0ODw",
  );
});

test("[JS19] every token is parsed to its session", () => {
  const id = fc.integer({ min: 1, max: 2 ** 48 - 1 });
  const password = fc.uint8Array({ minLength: 16, maxLength: 16 });
  fc.assert(
    fc.property(fc.record({ id, password }), (session) => {
      expect(parseSessionToken(formatSessionToken(session))).toEqual(session);
    }),
  );
});

test.each([
  "",
  ".",
  "5b1e",
  "5b1e.",
  ".AAECAwQFBgcICQoLDA0ODw",
  "0.AAECAwQFBgcICQoLDA0ODw",
  "05b1e.AAECAwQFBgcICQoLDA0ODw",
  "0x5b1e.AAECAwQFBgcICQoLDA0ODw",
  "5B1E.AAECAwQFBgcICQoLDA0ODw",
  "5b1e.AAECAwQFBgcICQoLDA0ODw==",
  "5b1e.AAECAwQFBgcICQoLDA0ODx",
  "5b1e.AAECAwQFBgcICQoLDA0O",
  "5b1e.AAECAwQFBgcICQoLDA0ODw.",
  "ffffffffffffff.AAECAwQFBgcICQoLDA0ODw",
])("[JS19] %j is no token", (text) => {
  expect(parseSessionToken(text)).toBeUndefined();
});

test("[JS19] no session is printed as 0 and not parsed", () => {
  expect(formatSessionId(0)).toBe("0");
  expect(parseSessionId("0")).toBeUndefined();
});
