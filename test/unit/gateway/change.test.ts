import { beforeEach, describe, expect, it } from "vitest";
import { LIMITS } from "../../../src/core/limits.ts";
import { Gateway, problemIn } from "./gateway-harness.ts";

let gateway: Gateway;
beforeEach(async () => {
  gateway = new Gateway();
  await gateway.send("PUT /znodes/a", {}, "0");
});

const etagOf = async (): Promise<string> =>
  (await gateway.send("HEAD /znodes/a")).headers.get("ETag") ?? "";

/** A body of unknown length, which ends only when it is cancelled. */
function endless(onCancel: () => void): ReadableStream<Uint8Array> {
  return new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(65_536)),
    cancel: onCancel,
  });
}

describe("setData", () => {
  it.each(["*", '"0"', "etag"])("[RE8] sets the data with If-Match: %s", async (ifMatch) => {
    const match = ifMatch === "etag" ? await etagOf() : ifMatch;
    const response = await gateway.send("PUT /znodes/a", { "If-Match": match }, "1");
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ path: "/a", stat: { version: 1 } });
    expect(response.headers.get("ETag")).toBe(await etagOf());
    expect(await (await gateway.send("GET /znodes/a")).text()).toBe("1");
  });

  it.each(['"7"', '"-3"', '"1-1"'])("[RE8] refuses the version %s with 412", async (ifMatch) => {
    const response = await gateway.send("PUT /znodes/a", { "If-Match": ifMatch }, "1");
    const problem = await problemIn(response);
    expect(problem).toMatchObject({ status: 412, code: "BADVERSION", number: -103, path: "/a" });
    expect(problem).toHaveProperty("expected");
    expect(problem).toHaveProperty("seen");
    expect(await (await gateway.send("GET /znodes/a")).text()).toBe("0");
  });

  it.each([
    "",
    "0",
    'W/"0-1"',
    '"0-1", "1-1"',
    '"-1"',
    '"0x1"',
    '"2147483648"',
    '"0-G"',
    '"0-ffffffffffffff"',
    "any",
  ])("[RE8] refuses If-Match: %s as no condition", async (ifMatch) => {
    const response = await gateway.send("PUT /znodes/a", { "If-Match": ifMatch }, "1");
    expect(await problemIn(response)).toMatchObject({ status: 400, code: "BADARGUMENTS" });
  });

  it.each(["7", '"x"'])("[RE8] says what If-Match: %s was, as it was sent", async (ifMatch) => {
    const response = await gateway.send("PUT /znodes/a", { "If-Match": ifMatch }, "1");
    const { detail } = await problemIn(response);
    expect(detail).toBe(
      `If-Match: expected an ETag like "7-1a" or a version like "7", in quotes, or *, got ${ifMatch}`,
    );
  });

  it("[RE8] does not create", async () => {
    const response = await gateway.send("PUT /znodes/none", { "If-Match": "*" }, "1");
    expect(await problemIn(response)).toMatchObject({ status: 404, code: "NONODE" });
  });

  it("[RE9] an ETag does not outlive its znode", async () => {
    const etag = await etagOf();
    await gateway.send("DELETE /znodes/a");
    await gateway.send("PUT /znodes/a", {}, "2");
    const stale = await gateway.send("PUT /znodes/a", { "If-Match": etag }, "1");
    expect(await problemIn(stale)).toMatchObject({ status: 412, code: "BADVERSION" });
    const bare = await gateway.send("PUT /znodes/a", { "If-Match": '"0"' }, "1");
    expect(bare.status).toBe(200);
  });

  it("[RE10] upsert sets what exists and creates what does not", async () => {
    const set = await gateway.send("PUT /znodes/a?upsert", {}, "1");
    expect(set.status).toBe(200);
    const created = await gateway.send("PUT /znodes/b/c?upsert&parents", {}, "2");
    expect(created.status).toBe(201);
    expect(created.headers.get("Location")).toBe("/znodes/b/c");
    expect(await (await gateway.send("GET /znodes/b/c")).text()).toBe("2");
    expect((await gateway.send("PUT /znodes/a?upsert", { "If-Match": "*" })).status).toBe(400);
  });
});

describe("bodies", () => {
  it("[RE7] come back byte for byte", async () => {
    const bytes = Uint8Array.from({ length: 512 }, (_, index) => (index * 7) % 256);
    await gateway.send("PUT /znodes/bytes", { "Content-Type": "image/png" }, bytes);
    const response = await gateway.send("GET /znodes/bytes");
    expect(new Uint8Array(await response.arrayBuffer())).toEqual(bytes);
    expect(response.headers.get("Content-Type")).toBe("application/octet-stream");
  });

  it("[RE7] may be empty", async () => {
    await gateway.send("PUT /znodes/empty");
    const response = await gateway.send("GET /znodes/empty", { Accept: "application/json" });
    expect(await response.json()).toMatchObject({ data: "", stat: { dataLength: 0 } });
  });

  it("[RE7] may be as long as the limit", async () => {
    const bytes = new Uint8Array(LIMITS.DATA_BYTES_MAX);
    expect((await gateway.send("PUT /znodes/large", {}, bytes)).status).toBe(201);
  });

  it("[RE21] over the limit are refused before they are read", async () => {
    let isCancelled = false;
    const body = endless(() => (isCancelled = true));
    const headers = { "Content-Length": String(LIMITS.DATA_BYTES_MAX + 1) };
    const problem = await problemIn(await gateway.send("PUT /znodes/large", headers, body));
    expect(problem).toMatchObject({
      status: 413,
      expected: LIMITS.DATA_BYTES_MAX,
      seen: LIMITS.DATA_BYTES_MAX + 1,
    });
    expect(problem["detail"]).toContain("DATA_BYTES_MAX");
    expect(isCancelled).toBe(false);
    expect(gateway.shard().calls).toHaveLength(1);
  });

  it("[RE21] without a length are cut at the limit", async () => {
    let isCancelled = false;
    const body = endless(() => (isCancelled = true));
    const problem = await problemIn(await gateway.send("PUT /znodes/large", {}, body));
    expect(problem).toMatchObject({ status: 413 });
    expect(isCancelled).toBe(true);
  });

  it("[RE21] where none has a meaning are refused", async () => {
    expect((await gateway.send("DELETE /znodes/a", {}, "x")).status).toBe(413);
  });
});

describe("DELETE", () => {
  it("[RE16] deletes a znode", async () => {
    const response = await gateway.send("DELETE /znodes/a");
    expect(response.status).toBe(204);
    expect(response.headers.get("Zxid")).toBe("0x2");
    expect((await gateway.send("GET /znodes/a")).status).toBe(404);
  });

  it("[RE16] at a version", async () => {
    const stale = await gateway.send("DELETE /znodes/a", { "If-Match": '"3"' });
    expect(stale.status).toBe(412);
    const current = await gateway.send("DELETE /znodes/a", { "If-Match": await etagOf() });
    expect(current.status).toBe(204);
  });

  it("[RE16] with children only with recursive", async () => {
    await gateway.send("PUT /znodes/a/b/c?parents");
    const problem = await problemIn(await gateway.send("DELETE /znodes/a"));
    expect(problem).toMatchObject({ status: 409, code: "NOTEMPTY" });
    expect((await gateway.send("DELETE /znodes/a?recursive")).status).toBe(204);
    expect((await gateway.send("GET /znodes/a")).status).toBe(404);
  });
});

describe("ACL", () => {
  const acl = [{ scheme: "world", id: "anyone", perms: "ra" }];

  it("[RE15] is replaced and read", async () => {
    const response = await gateway.sendJson("PUT /znodes/a?acl", { acl });
    expect(response.status).toBe(200);
    expect(response.headers.get("ETag")).toBe('"1"');
    const read = await gateway.send("GET /znodes/a?acl");
    expect(read.headers.get("ETag")).toBe('"1"');
    expect(await read.json()).toMatchObject({ path: "/a", acl, stat: { aversion: 1 } });
  });

  it("[RE15] is replaced at its own version", async () => {
    await gateway.send("PUT /znodes/a", { "If-Match": "*" }, "1");
    const first = await gateway.sendJson("PUT /znodes/a?acl", { acl }, { "If-Match": '"0"' });
    expect(first.status).toBe(200);
    const stale = await gateway.sendJson("PUT /znodes/a?acl", { acl }, { "If-Match": '"0"' });
    expect(await problemIn(stale)).toMatchObject({ status: 412, code: "BADVERSION" });
    const etag = await gateway.sendJson("PUT /znodes/a?acl", { acl }, { "If-Match": '"0-1"' });
    expect(etag.status).toBe(400);
  });

  it.each([
    [{ acl: "world:anyone:r" }, 400],
    [{ acl: [{ scheme: "world", id: "anyone" }] }, 400],
    [{ acl, more: 1 }, 400],
    [[], 400],
    [{ acl: [] }, 422],
  ])("[RE15] is refused as %j", async (body, status) => {
    const response = await gateway.sendJson("PUT /znodes/a?acl", body);
    expect(await problemIn(response)).toMatchObject({ status });
  });
});

describe("options", () => {
  it("[RE19] a retry gets the first answer", async () => {
    const key = { "Idempotency-Key": "order-4711" };
    const first = await gateway.send("POST /znodes/task-", key, "x");
    const again = await gateway.send("POST /znodes/task-", key, "x");
    expect(again.status).toBe(201);
    expect(first.headers.has("Idempotency-Replayed")).toBe(false);
    expect(again.headers.get("Idempotency-Replayed")).toBe("true");
    expect(again.headers.get("Zxid")).toBe(first.headers.get("Zxid"));
    expect(await again.json()).toMatchObject({ path: "/task-0000000001" });
    expect(await first.json()).toMatchObject({ path: "/task-0000000001" });
  });

  it("[RE20] travel to the shard", async () => {
    await gateway.send("GET /znodes/a", { "Min-Zxid": "0x1", Consistency: "strict" });
    expect(gateway.shard().calls.at(-1)?.options).toEqual({ minZxid: 1, isStrict: true });
  });

  it.each([
    ["GET", { "Min-Zxid": "12" }],
    ["GET", { "Min-Zxid": "0x" }],
    ["GET", { Consistency: "eventual" }],
    ["PUT", { Consistency: "strict" }],
    ["GET", { "Idempotency-Key": "a" }],
    ["PUT", { "Idempotency-Key": "" }],
    ["PUT", { "Idempotency-Key": "ü" }],
    ["PUT", { Session: "1f" }],
    ["PUT", { "ZooKeeper-Auth": "sasl bob" }],
  ])("[RE20] are refused: %s %j", async (method, headers) => {
    const response = await gateway.send(`${method} /znodes/a`, headers);
    expect(await problemIn(response)).toMatchObject({ status: 400, code: "BADARGUMENTS" });
  });

  it("[RE20] a key over the limit is refused by its name", async () => {
    const headers = { "Idempotency-Key": "k".repeat(65) };
    const problem = await problemIn(await gateway.send("PUT /znodes/b", headers));
    expect(problem).toMatchObject({ status: 400, expected: 64, seen: 65 });
    expect(problem["detail"]).toContain("IDEMPOTENCY_KEY_BYTES_MAX");
  });
});
