import { describe, expect, it } from "vitest";
import { allRoutes } from "../../../src/gateway/app.ts";
import type { OpenApiDocument } from "../../../src/gateway/openapi.ts";
import { Gateway, problemIn } from "./gateway-harness.ts";

describe("operations", () => {
  it("[RE34] healthz asks no shard and no token", async () => {
    const gateway = new Gateway({}).at("https://keeper.example");
    const response = await gateway.send("GET /healthz");
    expect(response.status).toBe(200);
    expect(await response.text()).toBe("ok\n");
    expect(gateway.shards.size).toBe(1);
    expect(gateway.shard().calls).toEqual([]);
  });

  it("[RE34] metrics are Prometheus text under ZooKeeper's names", async () => {
    const gateway = new Gateway();
    await gateway.send("PUT /ns/x/znodes/a");
    const response = await gateway.send("GET /ns/x/metrics");
    expect(response.headers.get("Content-Type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    const text = await response.text();
    expect(text).toContain('# TYPE watch_count gauge\nwatch_count{namespace="x"} 0\n');
    expect(text).toContain('last_processed_zxid{namespace="x"} 1\n');
    const samples = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    for (const sample of samples)
      expect(sample).toMatch(/^[a-z_0-9]+\{namespace="x"\} -?[0-9.e+]+$/);
    const names = samples.map((sample) => sample.split("{")[0]);
    expect(new Set(names).size).toBe(names.length);
  });

  it("[RE34] status has the same numbers as JSON", async () => {
    const response = await new Gateway().send("GET /status");
    expect(await response.json()).toMatchObject({ zxid: "0x0", sessions: 0, counters: {} });
  });

  it("[RE34] metrics and status are for admins", async () => {
    const gateway = new Gateway({ ANONYMOUS_ROLE: "write" });
    for (const path of ["/metrics", "/status"]) {
      const problem = await problemIn(await gateway.send(`GET ${path}`));
      expect(problem).toMatchObject({ status: 403, expected: "admin", seen: "write" });
    }
  });
});

describe("documentation", () => {
  const document = async (): Promise<OpenApiDocument> =>
    (await (await new Gateway().send("GET /openapi.json")).json()) as OpenApiDocument;

  it("[RE33] lists every route", async () => {
    const { openapi, paths } = await document();
    expect(openapi).toBe("3.1.0");
    const documented = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const routed = allRoutes().map(({ method, path }) => `${method} ${path}`);
    expect(documented.toSorted()).toEqual(routed.toSorted());
  });

  it("[RE33] lists every flag and header that a route reads", async () => {
    const { paths } = await document();
    for (const route of allRoutes()) {
      const operation = paths[route.path]?.[route.method.toLowerCase()];
      const named = (place: string): string[] =>
        (operation?.parameters ?? []).filter((one) => one.in === place).map(({ name }) => name);
      expect(named("query").toSorted()).toEqual(Object.keys(route.query.shape).toSorted());
      expect(named("header").toSorted()).toEqual(
        (route.headers ?? []).map(({ name }) => name).toSorted(),
      );
      expect(named("path")).toEqual([...route.path.matchAll(/\{(\w+)\}/g)].map((one) => one[1]));
    }
  });

  it("[RE33] is a whole: every reference leads somewhere, every operation has a name of its own", async () => {
    const spec = await document();
    const text = JSON.stringify(spec);
    for (const [, name = ""] of text.matchAll(/"#\/components\/schemas\/(\w+)"/g)) {
      expect(spec).toHaveProperty(["components", "schemas", name]);
    }
    const ids = Object.values(spec.paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("[RE33] is readable without a token", async () => {
    const gateway = new Gateway({}).at("https://keeper.example");
    for (const path of ["/docs", "/openapi.json"]) {
      expect((await gateway.send(`GET ${path}`)).status).toBe(200);
    }
    const landing = await gateway.send("GET /");
    expect([landing.status, landing.headers.get("Location")]).toEqual([302, "/docs"]);
  });

  it("[RE33] has a page that shows every operation and problem", async () => {
    const html = await (await new Gateway().send("GET /docs")).text();
    const { paths } = await document();
    for (const [path, methods] of Object.entries(paths)) {
      for (const { operationId } of Object.values(methods)) {
        expect(html).toContain(`<article id="${operationId}">`);
      }
      expect(html).toContain(`<code>${path}</code>`);
    }
    expect(html).toContain('<tr id="NONODE">');
  });

  it("[RE33] lists paths that break behind a slash, where there is no room", async () => {
    const html = await (await new Gateway().send("GET /docs")).text();
    expect(html).toContain("<span>/<wbr>ensemble/<wbr>reconfig</span>");
  });

  it("[RE33][SC12] has a page that needs no other host and runs only its own script", async () => {
    const response = await new Gateway().send("GET /docs");
    const html = await response.text();
    expect(html).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
    expect(html).not.toMatch(/@import|url\(|\son[a-z]+=|\sstyle=/);
    const policy = response.headers.get("Content-Security-Policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    for (const tag of ["style", "script"]) {
      const [, body = ""] = new RegExp(`<${tag}>(.*?)</${tag}>`, "s").exec(html) ?? [];
      const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(body));
      const hash = Buffer.from(digest).toString("base64");
      expect(policy).toContain(`${tag}-src 'sha256-${hash}'`);
    }
  });
});
