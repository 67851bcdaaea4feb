import { beforeEach, describe, expect, it } from "vitest";
import { Gateway, problemIn } from "./gateway-harness.ts";

let gateway: Gateway;
beforeEach(() => {
  gateway = new Gateway();
});

describe("PUT", () => {
  it("[RE1] creates a znode", async () => {
    const response = await gateway.send("PUT /znodes/app", {}, "hello");
    expect(response.status).toBe(201);
    expect(response.headers.get("Location")).toBe("/znodes/app");
    expect(response.headers.get("ETag")).toBe('"0-1"');
    expect(await response.json()).toMatchObject({
      path: "/app",
      stat: { czxid: "0x1", version: 0, dataLength: 5, ephemeralOwner: "0" },
    });
  });

  it("[RE1] does not create what exists", async () => {
    await gateway.send("PUT /znodes/app");
    const problem = await problemIn(await gateway.send("PUT /znodes/app"));
    expect(problem).toMatchObject({ status: 409, code: "NODEEXISTS", number: -110, path: "/app" });
  });

  it("[RE6] with seq appends the number", async () => {
    await gateway.send("PUT /znodes/tasks");
    const first = await gateway.send("PUT /znodes/tasks/task-?seq");
    expect(first.headers.get("Location")).toBe("/znodes/tasks/task-0000000000");
    expect(await first.json()).toMatchObject({ path: "/tasks/task-0000000000" });
    const second = await gateway.send("PUT /znodes/tasks/task-?seq=true");
    expect(await second.json()).toMatchObject({ path: "/tasks/task-0000000001" });
  });

  it.each([
    ["", { op: "create2", flags: 0 }],
    ["?seq", { op: "create2", flags: 2 }],
    ["?container", { op: "createContainer", flags: 4 }],
    ["?ttl=5000", { op: "createTTL", flags: 5, ttlMs: 5_000 }],
    ["?seq&ttl=5000", { op: "createTTL", flags: 6, ttlMs: 5_000 }],
    ["?parents", { op: "create2", flags: 0, parents: true }],
  ])("[RE6] with '%s' asks for that kind", async (query, request) => {
    expect((await gateway.send(`PUT /znodes/a${query}`)).status).toBe(201);
    expect(gateway.shard().calls.at(-1)?.request).toMatchObject(request);
  });

  it("[RE6] with ephemeral binds the znode to the session", async () => {
    const token = await gateway.openSession();
    const response = await gateway.send("PUT /znodes/e?ephemeral", { Session: token });
    expect(await response.json()).toMatchObject({ stat: { ephemeralOwner: token.split(".")[0] } });
    const both = await gateway.send("PUT /znodes/e-?ephemeral&seq", { Session: token });
    expect(await both.json()).toMatchObject({ path: "/e-0000000001" });
  });

  it.each(["?ephemeral", "?ephemeral&seq"])("[RE6] with %s needs a session", async (query) => {
    const problem = await problemIn(await gateway.send(`PUT /znodes/a${query}`));
    expect(problem).toMatchObject({ status: 400 });
    expect(problem["detail"]).toContain("Session");
  });

  it.each([
    "?container&ttl=1",
    "?container&ephemeral",
    "?ephemeral&ttl=1",
    "?container&seq",
    "?upsert&seq",
  ])("[RE6] refuses %s", async (query) => {
    const headers = { Session: await gateway.openSession() };
    const problem = await problemIn(await gateway.send(`PUT /znodes/a${query}`, headers));
    expect(problem).toMatchObject({ status: 400 });
    expect(problem["detail"]).toContain("exclude each other");
  });

  it("[RE6] gives the znode the ACL of the header", async () => {
    await gateway.send("PUT /znodes/a", { Acl: "world:anyone:r,ip:10.0.0.0/8:cdrwa" });
    const response = await gateway.send("GET /znodes/a?acl");
    expect(await response.json()).toMatchObject({
      acl: [
        { scheme: "world", id: "anyone", perms: "r" },
        { scheme: "ip", id: "10.0.0.0/8", perms: "cdrwa" },
      ],
    });
  });

  it.each(["nonsense", "world:anyone:x", "ip:300.0.0.1:r", "kerberos:a:r"])(
    "[RE6] refuses the ACL %s",
    async (acl) => {
      const problem = await problemIn(await gateway.send("PUT /znodes/a", { Acl: acl }));
      expect(problem).toMatchObject({ status: 422, code: "INVALIDACL" });
    },
  );

  it("[RE20] refuses If-None-Match, which it could only ignore", async () => {
    const problem = await problemIn(await gateway.send("PUT /znodes/a", { "If-None-Match": "*" }));
    expect(problem).toMatchObject({ status: 400 });
  });
});

describe("query flags", () => {
  it.each([
    ["PUT /znodes/a?sequential", "sequential"],
    ["PUT /znodes/a?Seq", "Seq"],
    ["PUT /znodes/a?__proto__", "__proto__"],
    ["PUT /znodes/a?seq&seq", "seq"],
    ["PUT /znodes/a?seq=false", "seq"],
    ["PUT /znodes/a?ttl", "ttl"],
    ["PUT /znodes/a?ttl=0", "ttl"],
    ["PUT /znodes/a?ttl=1e3", "ttl"],
    ["PUT /znodes/a?ttl=1099511627776", "TTL_MS_MAX"],
    ["GET /znodes/a?seq", "seq"],
    ["GET /znodes/a?limit=3", "limit"],
    ["GET /znodes/a?children&acl", "acl"],
    ["GET /znodes/a?watch=all", "watch"],
    ["GET /znodes/a?wait=1h", "wait"],
    ["GET /znodes/a?wait=61s", "WAIT_MS_MAX"],
    ["GET /znodes/a?watch&since=5", "since"],
    ["GET /znodes/a?since=0x5", "since"],
    ["GET /znodes/a?%ff", "UTF-8"],
    ["DELETE /znodes/a?force", "force"],
    ["POST /multi?x", "x"],
    ["GET /healthz?verbose", "verbose"],
  ])("[RE5] refuses %s by name", async (line, name) => {
    const problem = await problemIn(await gateway.send(line));
    expect(problem).toMatchObject({ status: 400, code: "BADARGUMENTS" });
    expect(problem["detail"]).toContain(name);
  });

  it("[RE5] refuses flags of creates where nothing is created", async () => {
    const headers = { "If-Match": "*" };
    for (const query of ["?seq", "?ttl=1", "?parents"]) {
      const problem = await problemIn(await gateway.send(`PUT /znodes/a${query}`, headers));
      expect(problem).toMatchObject({ status: 400 });
    }
    const withAcl = await gateway.send("PUT /znodes/a", { ...headers, Acl: "world:anyone:r" });
    expect(withAcl.status).toBe(400);
    expect((await gateway.send("PUT /znodes/a?acl&seq")).status).toBe(400);
  });
});

describe("POST", () => {
  it("[RE17] creates a sequential znode", async () => {
    const response = await gateway.send("POST /znodes/task-", {}, "1");
    expect(response.status).toBe(201);
    expect(await response.json()).toMatchObject({ path: "/task-0000000000" });
    const bare = await gateway.send("POST /znodes/");
    expect(await bare.json()).toMatchObject({ path: "/0000000001" });
  });

  it("[RE17] changes nothing that exists", async () => {
    const response = await gateway.send("POST /znodes/a", { "If-Match": "*" });
    expect(await problemIn(response)).toMatchObject({ status: 400 });
  });
});
