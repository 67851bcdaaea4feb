import { beforeEach, describe, expect, it } from "vitest";
import { Gateway, problemIn } from "./gateway-harness.ts";

let gateway: Gateway;
beforeEach(async () => {
  gateway = new Gateway();
  await gateway.send("PUT /znodes/a", {}, "hello");
});

describe("GET", () => {
  it("[RE11] answers the data, and the Stat in headers", async () => {
    const response = await gateway.send("GET /znodes/a");
    expect(await response.text()).toBe("hello");
    const headers = Object.fromEntries(response.headers);
    expect(headers).toMatchObject({
      etag: '"0-1"',
      vary: "Accept, Authorization, Origin, Session, ZooKeeper-Auth",
      "cache-control": "no-cache, private",
      "znode-czxid": "0x1",
      "znode-mzxid": "0x1",
      "znode-pzxid": "0x1",
      "znode-version": "0",
      "znode-cversion": "0",
      "znode-aversion": "0",
      "znode-ephemeral-owner": "0",
      "znode-data-length": "5",
      "znode-num-children": "0",
    });
    expect(Number(headers["znode-ctime"])).toBeGreaterThan(0);
    expect(headers["znode-mtime"]).toBe(headers["znode-ctime"]);
  });

  it("[RE11] answers HEAD with the same headers, and asks for no data", async () => {
    const get = await gateway.send("GET /znodes/a");
    const head = await gateway.send("HEAD /znodes/a");
    expect(gateway.shard().calls.at(-1)?.request).toMatchObject({ op: "exists" });
    expect(await head.text()).toBe("");
    expect(Object.fromEntries(head.headers)).toEqual({
      ...Object.fromEntries(get.headers),
      "content-length": "5",
    });
    expect((await gateway.send("HEAD /znodes/none")).status).toBe(404);
  });

  it("[RE11] answers HEAD of a view, but of no watch", async () => {
    expect((await gateway.send("HEAD /znodes/a?children")).status).toBe(200);
    expect((await gateway.send("HEAD /znodes/a?watch")).status).toBe(400);
    expect((await gateway.send("HEAD /znodes/a?wait=1s")).status).toBe(400);
    expect(gateway.shard().sockets).toEqual([]);
  });

  it.each(['"0-1"', '"9-9", "0-1"', 'W/"0-1"', "*"])(
    "[RE12] answers 304 to If-None-Match: %s",
    async (tag) => {
      for (const method of ["GET", "HEAD"]) {
        const response = await gateway.send(`${method} /znodes/a`, { "If-None-Match": tag });
        expect(response.status).toBe(304);
        expect(await response.text()).toBe("");
        expect(response.headers.get("ETag")).toBe('"0-1"');
        expect(response.headers.get("Zxid")).toBe("0x1");
      }
    },
  );

  it("[RE12] answers the data to an older tag", async () => {
    const response = await gateway.send("GET /znodes/a", { "If-None-Match": '"1-1"' });
    expect(response.status).toBe(200);
  });

  it.each([
    ["*/*", "application/octet-stream"],
    ["application/json", "application/json"],
    ["Application/JSON; charset=utf-8", "application/json"],
    ["application/json, */*", "application/octet-stream"],
    ["application/json, */*;q=0.5", "application/json"],
    ["application/octet-stream;q=0.1, application/json", "application/json"],
    ["application/octet-stream;q=0, */*", "application/json"],
    ["application/*", "application/octet-stream"],
    ["text/html, */*;q=0.8", "application/octet-stream"],
  ])("[RE13] answers Accept: %s with %s", async (accept, type) => {
    const response = await gateway.send("GET /znodes/a", { Accept: accept });
    expect(response.headers.get("Content-Type")).toBe(type);
  });

  it.each(["text/html", "image/*", "application/json;q=0", "nonsense"])(
    "[RE13] refuses Accept: %s",
    async (accept) => {
      const problem = await problemIn(await gateway.send("GET /znodes/a", { Accept: accept }));
      expect(problem).toMatchObject({ status: 406 });
    },
  );

  it("[RE13] writes bytes that are no text in base64", async () => {
    await gateway.send("PUT /znodes/b", {}, new Uint8Array([255, 0]));
    const json = { Accept: "application/json" };
    expect(await (await gateway.send("GET /znodes/b", json)).json()).toMatchObject({
      path: "/b",
      data: "/wA=",
      encoding: "base64",
    });
    expect(await (await gateway.send("GET /znodes/a", json)).json()).toMatchObject({
      data: "hello",
      stat: { dataLength: 5 },
    });
  });
});

describe("children", () => {
  beforeEach(async () => {
    for (const name of ["c", "a", "b%20b"]) await gateway.send(`PUT /znodes/a/${name}`, {}, name);
  });

  it("[RE14] are names with the Stat", async () => {
    const response = await gateway.send("GET /znodes/a?children");
    expect(await response.json()).toMatchObject({
      path: "/a",
      children: ["a", "b b", "c"],
      stat: { numChildren: 3 },
    });
    expect(response.headers.get("Znode-Num-Children")).toBe("3");
    expect(response.headers.has("Link")).toBe(false);
  });

  it("[RE14] come in pages that lead to each other", async () => {
    const pages: string[][] = [];
    let next: string | undefined = "/znodes/a?children&limit=1&stat&data";
    while (next !== undefined) {
      const response: Response = await gateway.send(`GET ${next}`);
      pages.push(((await response.json()) as { children: string[] }).children);
      next = /^<(.*)>; rel="next"$/.exec(response.headers.get("Link") ?? "")?.[1];
    }
    expect(pages).toEqual([["a"], ["b b"], ["c"]]);
  });

  it("[RE14] show their own Stat and data when asked", async () => {
    const response = await gateway.send("GET /znodes/a?children&stat&data&after=b%20b");
    expect(await response.json()).toMatchObject({
      children: ["c"],
      entries: [{ name: "c", data: "c", stat: { dataLength: 1 } }],
    });
  });

  it("[RE14] of a page over the limit are refused by its name", async () => {
    const problem = await problemIn(await gateway.send("GET /znodes/a?children&limit=10001"));
    expect(problem).toMatchObject({ status: 400 });
    expect(problem["detail"]).toContain("CHILDREN_PAGE_MAX");
  });
});

describe("Zxid", () => {
  it("[RE18] is of the write, or the last one applied", async () => {
    const zxidOf = async (line: string): Promise<string | null> =>
      (await gateway.send(line)).headers.get("Zxid");
    expect(await zxidOf("PUT /znodes/b")).toBe("0x2");
    expect(await zxidOf("GET /znodes/a")).toBe("0x2");
    expect(await zxidOf("PUT /znodes/b")).toBe("0x3");
    expect(await zxidOf("GET /znodes/none")).toBe("0x3");
    expect(await zxidOf("GET /znodes/a?children")).toBe("0x3");
    expect(await zxidOf("DELETE /znodes/b")).toBe("0x4");
  });

  it("[RE18] is 0x0 where no shard was asked", async () => {
    for (const line of [
      "GET /nowhere",
      "PATCH /znodes/a",
      "GET /znodes/%zz",
      "GET /healthz",
      "GET /docs",
    ]) {
      expect((await gateway.send(line)).headers.get("Zxid")).toBe("0x0");
    }
  });
});
