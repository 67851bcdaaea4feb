import { beforeEach, expect, it } from "vitest";
import { LIMITS } from "../../../src/core/limits.ts";
import { Gateway, problemIn } from "./gateway-harness.ts";

let gateway: Gateway;
beforeEach(async () => {
  gateway = new Gateway();
  await gateway.send("PUT /znodes/a", {}, "0");
});

it("[RE22] does all", async () => {
  const response = await gateway.sendJson("POST /multi", {
    ops: [
      { op: "check", path: "/a", version: 0 },
      { op: "create", path: "/a/b-", data: "1", mode: "PERSISTENT_SEQUENTIAL" },
      { op: "setData", path: "/a", data: "/wA=", encoding: "base64" },
      { op: "delete", path: "/a/b-0000000000" },
    ],
  });
  expect(response.status).toBe(200);
  expect(response.headers.get("Zxid")).toBe("0x2");
  expect(await response.json()).toMatchObject({
    results: [
      { op: "check", path: "/a" },
      { op: "create", path: "/a/b-0000000000", stat: { czxid: "0x2" } },
      { op: "setData", path: "/a", stat: { version: 1 } },
      { op: "delete", path: "/a/b-0000000000" },
    ],
  });
});

it("[RE22] or nothing, and says which part failed", async () => {
  const response = await gateway.sendJson("POST /multi", {
    ops: [
      { op: "create", path: "/new", data: "1" },
      { op: "check", path: "/a", version: 7 },
      { op: "delete", path: "/a" },
    ],
  });
  expect(response.headers.get("Zxid")).toBe("0x2");
  expect(await problemIn(response)).toMatchObject({ status: 412, code: "BADVERSION", index: 1 });
  expect((await gateway.send("GET /znodes/new")).status).toBe(404);
  expect((await gateway.send("GET /znodes/a")).status).toBe(200);
});

it("[RE22] is repeated under a key without being done again", async () => {
  const key = { "Idempotency-Key": "k" };
  const body = { ops: [{ op: "create", path: "/s-", mode: "PERSISTENT_SEQUENTIAL" }] };
  const first = await gateway.sendJson("POST /multi", body, key);
  const again = await gateway.sendJson("POST /multi", body, key);
  expect(again.headers.get("Idempotency-Replayed")).toBe("true");
  expect(await again.json()).toEqual(await first.json());
});

it.each([
  ["", "application/json", 400, "MARSHALLINGERROR"],
  ["{", "application/json", 400, "MARSHALLINGERROR"],
  ["[]", "application/json", 400, "MARSHALLINGERROR"],
  ["{}", "application/json", 400, "MARSHALLINGERROR"],
  ['{"ops":[],"more":1}', "application/json", 400, "MARSHALLINGERROR"],
  ['{"ops":[{"op":"getData","path":"/a"}]}', "application/json", 400, "MARSHALLINGERROR"],
  ['{"ops":[]}', "text/plain", 415, "BADARGUMENTS"],
  ['{"ops":[]}', "application/jsonp", 415, "BADARGUMENTS"],
])("[RE22] refuses %s of %s", async (body, type, status, code) => {
  const response = await gateway.send("POST /multi", { "Content-Type": type }, body);
  expect(await problemIn(response)).toMatchObject({ status, code });
});

it("[RE21] refuses a body over its limit by name", async () => {
  const headers = { "Content-Length": String(LIMITS.JSON_MESSAGE_BYTES_MAX + 1) };
  const problem = await problemIn(await gateway.sendJson("POST /multi", { ops: [] }, headers));
  expect(problem).toMatchObject({ status: 413 });
  expect(problem["detail"]).toContain("JSON_MESSAGE_BYTES_MAX");
});
