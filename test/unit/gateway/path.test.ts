import { describe, expect, it } from "vitest";
import { addressOf, znodePathOf, znodeUrl } from "../../../src/gateway/path.ts";
import { Gateway, problemIn } from "./gateway-harness.ts";

const gateway = new Gateway();

describe("paths", () => {
  it.each([
    ["%zz", "bad escape"],
    ["a%", "bad escape"],
    ["a%2Fb", "%2F"],
    ["a%2fb", "%2F"],
    ["%ff", "no UTF-8"],
    ["%c0%80", "no UTF-8"],
    ["%ed%a0%80", "no UTF-8"],
    ["a%00", "illegal character U+0000"],
    ["a//b", "empty component"],
    ["%F0%9F%98%80", "illegal character U+D83D"],
    ["%C2%85", "illegal character U+0085"],
  ])("[RE2] refuses /znodes/%s", async (path, reason) => {
    for (const method of ["GET", "PUT", "DELETE"]) {
      const response = await gateway.send(`${method} /znodes/${path}`);
      expect(response.status).toBe(400);
      const problem = await problemIn(response);
      expect(problem).toMatchObject({ code: "BADARGUMENTS", number: -8 });
      expect(problem["detail"]).toContain(reason);
    }
  });

  it.each([
    ["/a%20b", "/a b"],
    ["/%E6%9D%B1", "/東"],
    ["/a%25b", "/a%b"],
    ["/%2561", "/%61"],
    ["/a%3Fb%23c", "/a?b#c"],
    ["/a+b", "/a+b"],
    ["/a%5Cb", "/a\\b"],
    ["/...", "/..."],
    ["/%EF%BB%BFa", "/\uFEFFa"],
    ["", "/"],
    ["/", "/"],
  ])("[RE2] decodes %s once", (raw, path) => {
    expect(znodePathOf(addressOf(`http://h/znodes${raw}?seq`), "name")).toBe(path);
  });

  it("[RE2] never sees the dots that a URL parser takes out", () => {
    const { url } = new Request("http://h/znodes/a/%2e%2e/b/./c");
    expect(znodePathOf(addressOf(url), "name")).toBe("/b/c");
  });

  it("[RE2] routes by the raw path", async () => {
    expect((await gateway.send("GET /%7Anodes/a")).status).toBe(404);
    expect((await gateway.send("GET /%7Anodes/a")).headers.get("Zxid")).toBe("0x0");
  });

  it("[RE2] makes URLs that decode to the path they are of", () => {
    const path = "/a b/%/ü?#+/\\";
    const address = addressOf("http://h/ns/x/znodes/");
    const url = znodeUrl(address, path);
    expect(url.startsWith("/ns/x/znodes/a%20b/")).toBe(true);
    expect(znodePathOf(addressOf(`http://h${url}`), "name")).toBe(path);
  });

  it("[RE3] takes a path that ends in a slash for a sequential create only", async () => {
    for (const line of [
      "PUT /znodes/q/",
      "GET /znodes/q/",
      "DELETE /znodes/q/",
      "PUT /znodes/q/?acl",
    ]) {
      const problem = await problemIn(await gateway.send(line));
      expect(problem).toMatchObject({ status: 400, path: "/q/" });
    }
    await gateway.send("PUT /znodes/q");
    const response = await gateway.send("PUT /znodes/q/?seq");
    expect(await response.json()).toMatchObject({ path: "/q/0000000000" });
  });
});

describe("namespaces", () => {
  it("[RE4] are trees of their own", async () => {
    await gateway.send("PUT /ns/one/znodes/only", {}, "1");
    expect((await gateway.send("GET /ns/one/znodes/only")).status).toBe(200);
    expect((await gateway.send("GET /ns/two/znodes/only")).status).toBe(404);
    expect((await gateway.send("GET /znodes/only")).status).toBe(404);
    expect([...gateway.shards.keys()]).toContain("one:/");
  });

  it("[RE4] without a name are the default one", async () => {
    await gateway.send("PUT /znodes/here", {}, "1");
    const response = await gateway.send("GET /ns/default/znodes/here");
    expect(await response.text()).toBe("1");
  });

  it("[RE4] keep their prefix in links", async () => {
    const response = await gateway.send("PUT /ns/one/znodes/a%20b");
    expect(response.headers.get("Location")).toBe("/ns/one/znodes/a%20b");
  });

  it.each(["", "-a", "A", "a_b", "a.b", "x".repeat(64), "%61"])(
    "[RE4] are not called '%s'",
    async (name) => {
      const response = await gateway.send(`GET /ns/${name}/znodes/a`);
      expect(await problemIn(response)).toMatchObject({ status: 400, code: "BADARGUMENTS" });
    },
  );

  it("[RE4] have every route", async () => {
    expect((await gateway.send("GET /ns/one/status")).status).toBe(200);
    expect((await gateway.send("GET /ns/one/healthz")).status).toBe(200);
    expect((await gateway.sendJson("POST /ns/one/multi", { ops: [] })).status).toBe(200);
  });
});
