import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { readAnonymousRole } from "../../../src/gateway/anonymous-role.ts";
import { identify } from "../../../src/gateway/auth.ts";
import { readConfig } from "../../../src/gateway/config.ts";
import { BY_LEADER } from "../../../src/gateway/placement.ts";
import type { Env } from "../../../src/shard/env.ts";
import { IDENTITY_HEADER } from "../../../src/shard/shard-api.ts";
import { Gateway, problemIn } from "./gateway-harness.ts";
import { tokensOf } from "./tokens-harness.ts";

const TOKENS = tokensOf(
  { name: "reader", token: "r", role: "read" },
  { name: "writer", token: "w", role: "write", namespaces: ["app", "default"] },
  { name: "operator", token: "a", role: "admin", ids: [{ scheme: "digest", id: "op:x" }] },
  { name: "root", token: "root", role: "write", ids: [{ scheme: "super", id: "" }] },
);
const deployed = (): Gateway => new Gateway({ TOKENS }).at("https://keeper.example");
const as = (token: string): Record<string, string> => ({ Authorization: `Bearer ${token}` });

describe("the door", () => {
  it("[SC1] is closed without a token", async () => {
    const response = await deployed().send("GET /znodes/a");
    expect(response.headers.get("WWW-Authenticate")).toBe('Bearer realm="edgekeeper"');
    expect(await problemIn(response)).toMatchObject({ status: 401, code: "AUTHFAILED" });
  });

  it.each(["Bearer x", "Bearer", "Bearer ", "Basic cjpy", "r", "Bearer r, Bearer w", "Bearer R"])(
    "[SC1] is closed to %s",
    async (Authorization) => {
      const response = await deployed().send("GET /znodes/a", { Authorization });
      expect(await problemIn(response)).toMatchObject({ status: 401 });
    },
  );

  it("[SC1] opens the namespaces of the token only", async () => {
    const gateway = deployed();
    expect((await gateway.send("PUT /ns/app/znodes/a", as("w"))).status).toBe(201);
    const response = await gateway.send("PUT /ns/other/znodes/a", as("w"));
    expect(await problemIn(response)).toMatchObject({ status: 403, code: "NOAUTH", seen: "other" });
    expect(gateway.shards.has("other:/")).toBe(false);
  });

  it("[SC1] lets nobody in where nothing is configured", async () => {
    const gateway = new Gateway({});
    expect((await gateway.send("GET /znodes/a", as("r"))).status).toBe(401);
    expect((await gateway.send("GET /znodes/a")).status).toBe(401);
  });

  it("[SC2] tells the shard role and ids", async () => {
    const gateway = deployed();
    await gateway.send("GET /znodes", { ...as("a"), "CF-Connecting-IP": "192.0.2.7" });
    expect(gateway.shard().calls.at(-1)?.identity).toEqual({
      role: "admin",
      ids: [
        { scheme: "ip", id: "192.0.2.7" },
        { scheme: "digest", id: "op:x" },
      ],
    });
  });
});

describe("roles", () => {
  it.each([
    ["r", "GET /znodes", 200],
    ["r", "PUT /znodes/x", 403],
    ["r", "POST /sessions", 403],
    ["r", "POST /multi", 403],
    ["r", "DELETE /znodes/x", 403],
    ["w", "PUT /znodes/y", 201],
    ["w", "GET /metrics", 403],
    ["w", "GET /status", 403],
    ["a", "GET /status", 200],
  ])("[SC3] %s asks %s: %i", async (token, line, status) => {
    expect((await deployed().send(line, as(token))).status).toBe(status);
  });

  it("[SC3] admin passes no ACL, a super id does", async () => {
    const gateway = deployed();
    await gateway.send("PUT /znodes/locked", { ...as("w"), Acl: "digest:x:y:cdrwa" }, "1");
    const admin = await gateway.send("GET /znodes/locked", as("a"));
    expect(await problemIn(admin)).toMatchObject({ status: 403, code: "NOAUTH", path: "/locked" });
    expect((await gateway.send("GET /znodes/locked", as("root"))).status).toBe(200);
  });
});

describe("anonymous access", () => {
  it.each([
    "http://127.0.0.1:8787",
    "http://localhost:8787",
    "http://[::1]:8787",
    "http://app.localhost",
    "http://127.9.9.9",
  ])("[SC4] exists at %s", async (host) => {
    const gateway = new Gateway({ ANONYMOUS_ROLE: "read" }).at(host);
    expect((await gateway.send("GET /znodes")).status).toBe(200);
    expect((await gateway.send("PUT /znodes/a")).status).toBe(403);
  });

  it.each([
    "http://keeper.example",
    "http://127.0.0.1.nip.io",
    "http://localhost.evil.example",
    "http://128.0.0.1",
    "http://0.0.0.0",
    "http://[::ffff:7f00:1]",
  ])("[SC4] does not exist at %s", async (host) => {
    const gateway = new Gateway({ ANONYMOUS_ROLE: "admin" }).at(host);
    expect((await gateway.send("GET /znodes")).status).toBe(401);
  });

  it("[SC4] looks at the header, too: a page may have rebound its name", async () => {
    const gateway = new Gateway();
    expect((await gateway.send("GET /znodes", { Host: "evil.example" })).status).toBe(401);
    expect((await gateway.send("GET /znodes", { Host: "localhost:8787" })).status).toBe(200);
  });

  it("[SC4] does not excuse a wrong token", async () => {
    expect((await new Gateway().send("GET /znodes", as("wrong"))).status).toBe(401);
  });

  it("[SC4] does not exist in a deployment, whatever its variables are", () => {
    const env = { ANONYMOUS_ROLE: "admin" } as unknown as Env;
    expect(readConfig(env)).toEqual({
      tokens: [],
      corsOrigins: new Set(),
      fourLetterWords: new Set(["srvr"]),
      nativePlacement: BY_LEADER,
      ensemble: undefined,
      nativeNamespace: "default",
    });
  });

  it("[SC4] needs the variable", async () => {
    expect((await new Gateway({ TOKENS }).send("GET /znodes")).status).toBe(401);
  });
});

describe("configuration", () => {
  const HIDDEN = "5up3r-s3cr3t";

  it.each([
    [{ TOKENS: `[{"name":"${HIDDEN}"` }, "TOKENS"],
    [{ TOKENS: `{"${HIDDEN}":1}` }, "TOKENS"],
    [
      { TOKENS: `[{"name":"a","sha256":"${HIDDEN}","namespaces":["*"],"role":"read"}]` },
      "0.sha256",
    ],
    [{ TOKENS: tokensOf({ name: "a", token: HIDDEN, role: HIDDEN }) }, "0.role"],
    [
      {
        TOKENS: tokensOf({
          name: "a",
          token: "a",
          role: "read",
          namespaces: [HIDDEN.toUpperCase()],
        }),
      },
      "0.namespaces.0",
    ],
    [{ ANONYMOUS_ROLE: HIDDEN }, "ANONYMOUS_ROLE"],
    [{ CORS_ORIGINS: `https://a.example, https://${HIDDEN}/` }, "CORS_ORIGINS"],
    [{ CORS_ORIGINS: "*" }, "CORS_ORIGINS"],
  ])("[SC5] %#: is refused as a whole", async (variables, named) => {
    const gateway = new Gateway(variables);
    for (const line of ["GET /healthz", "GET /znodes/a", "PUT /znodes/a", "GET /nowhere"]) {
      const response = await gateway.send(line);
      const problem = await problemIn(response);
      expect(problem).toMatchObject({ status: 500, code: "SYSTEMERROR" });
      expect(problem["detail"]).toContain(named);
      const shown = JSON.stringify([problem, ...response.headers]).toLowerCase();
      expect(shown).not.toContain(HIDDEN);
    }
  });

  it("[SC5] may be empty", () => {
    const empty = { TOKENS: "", ANONYMOUS_ROLE: "", CORS_ORIGINS: "" } as unknown as Env;
    expect(readConfig(empty, { readAnonymousRole })).toEqual({
      tokens: [],
      corsOrigins: new Set(),
      fourLetterWords: new Set(["srvr"]),
      nativePlacement: BY_LEADER,
      ensemble: undefined,
      nativeNamespace: "default",
    });
  });
});

describe("identities", () => {
  const digestOf = (text: string): string =>
    `bob:${createHash("sha1").update(text).digest("base64")}`;

  it("[SC8] come from the header, as often as it stands", async () => {
    const gateway = new Gateway();
    const header = "digest bob:pass, word, digest eve:a:b";
    await gateway.send("GET /znodes", { "ZooKeeper-Auth": header });
    expect(gateway.shard().calls.at(-1)?.auth).toEqual([
      { scheme: "digest", auth: new TextEncoder().encode("bob:pass, word") },
      { scheme: "digest", auth: new TextEncoder().encode("eve:a:b") },
    ]);
  });

  it("[SC8] open what their ACL locks", async () => {
    const gateway = new Gateway();
    await gateway.send("PUT /znodes/bob", { Acl: `digest:${digestOf("bob:pw")}:cdrwa` }, "1");
    expect((await gateway.send("GET /znodes/bob")).status).toBe(403);
    const wrong = await gateway.send("GET /znodes/bob", { "ZooKeeper-Auth": "digest bob:no" });
    expect(wrong.status).toBe(403);
    const right = await gateway.send("GET /znodes/bob", { "ZooKeeper-Auth": "digest bob:pw" });
    expect(right.status).toBe(200);
  });

  it.each(["bob:pw", "digest bob", "digest :", "ip 127.0.0.1", "super x:y", "digest bob:pä"])(
    "[SC8] are refused as %s",
    async (header) => {
      const gateway = new Gateway();
      const response = await gateway.send("GET /znodes", { "ZooKeeper-Auth": header });
      expect(await problemIn(response)).toMatchObject({ status: 400 });
    },
  );

  it("[SC9] include the address, which is ours to say at loopback", async () => {
    const gateway = new Gateway();
    await gateway.send("GET /znodes", { "CF-Connecting-IP": "192.0.2.7" });
    const [ip] = gateway.shard().calls.at(-1)?.identity.ids ?? [];
    expect(ip).toEqual({ scheme: "ip", id: "127.0.0.1" });
  });

  it.each([
    [{ certVerified: "SUCCESS", certRevoked: "0" }, true],
    [{ certVerified: "FAILED:self signed", certRevoked: "0" }, false],
    [{ certVerified: "SUCCESS", certRevoked: "1" }, false],
    [{ certVerified: "NONE" }, false],
    [undefined, false],
  ])("[SC9] include the subject of the certificate %j: %s", async (certificate, isKnown) => {
    const tlsClientAuth = certificate && { ...certificate, certSubjectDNRFC2253: "CN=bob,O=x" };
    const request = new Request("https://keeper.example/znodes", { headers: as("r") });
    Object.defineProperty(request, "cf", { value: { tlsClientAuth } });
    const config = readConfig({ TOKENS } as unknown as Env);
    const { ids } = await identify(request, config, "default");
    expect(ids).toEqual(isKnown ? [{ scheme: "x509", id: "CN=bob,O=x" }] : []);
  });

  it("[SC10] are not taken from the internal header", async () => {
    const gateway = deployed();
    const forged = '{"role":"admin","ids":[{"scheme":"super","id":""}]}';
    expect((await gateway.send("GET /status", { [IDENTITY_HEADER]: forged })).status).toBe(401);
    await gateway.send("GET /znodes", { ...as("r"), [IDENTITY_HEADER]: forged });
    expect(gateway.shard().calls.at(-1)?.identity).toEqual({ role: "read", ids: [] });
  });
});
