import { describe, expect, it } from "vitest";
import { Gateway, problemIn } from "./gateway-harness.ts";

const gateway = (): Gateway =>
  new Gateway({
    ANONYMOUS_ROLE: "admin",
    CORS_ORIGINS: "https://app.example, http://localhost:3000",
  });

const CHANGES = [
  "PUT /znodes/a",
  "POST /znodes/a",
  "DELETE /znodes/a",
  "POST /multi",
  "POST /sessions",
];
const FOREIGN = [
  "https://evil.example",
  "null",
  "https://app.example.evil.example",
  "http://app.example",
  "http://127.0.0.1",
  "file://",
];

describe("origins", () => {
  it.each(FOREIGN)("[SC6] %s may change nothing and hold no connection", async (Origin) => {
    const door = gateway();
    for (const line of CHANGES) {
      const response = await door.send(line, { Origin });
      expect(response.headers.has("Access-Control-Allow-Origin")).toBe(false);
      expect(await problemIn(response)).toMatchObject({ status: 403, code: "NOAUTH" });
    }
    const upgrade = { Origin, Upgrade: "websocket", "Sec-WebSocket-Protocol": "edgekeeper.json" };
    expect((await door.send("GET /ws", upgrade)).status).toBe(403);
    expect(door.shard().calls).toEqual([]);
    expect(door.shard().upgrades).toEqual([]);
  });

  it.each(["http://127.0.0.1:8787", "https://app.example", "http://localhost:3000"])(
    "[SC6] %s may",
    async (Origin) => {
      const response = await gateway().send("PUT /znodes/a", { Origin });
      expect(response.status).toBe(201);
      const upgrade = { Origin, Upgrade: "websocket", "Sec-WebSocket-Protocol": "edgekeeper.json" };
      expect((await gateway().send("GET /ws", upgrade)).status).toBe(101);
    },
  );

  it("[SC7] that are trusted may read the headers, also of errors", async () => {
    for (const line of ["GET /znodes/none", "PUT /znodes/a", "GET /nowhere"]) {
      const { headers } = await gateway().send(line, { Origin: "https://app.example" });
      expect(headers.get("Access-Control-Allow-Origin")).toBe("https://app.example");
      expect(headers.get("Vary")).toContain("Origin");
      for (const name of ["Zxid", "ETag", "Location", "Znode-Version", "Idempotency-Replayed"]) {
        expect(headers.get("Access-Control-Expose-Headers")).toContain(name);
      }
    }
  });

  it("[SC7] that are foreign read nothing", async () => {
    const response = await gateway().send("GET /znodes", { Origin: "https://evil.example" });
    expect(response.status).toBe(200);
    expect(response.headers.has("Access-Control-Allow-Origin")).toBe(false);
  });

  it("[SC7] ask first", async () => {
    const preflight = (Origin: string): Promise<Response> =>
      gateway().send("OPTIONS /znodes/a", {
        Origin,
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "session",
      });
    const trusted = await preflight("https://app.example");
    expect(trusted.status).toBe(204);
    expect(trusted.headers.get("Access-Control-Allow-Methods")).toBe(
      "GET, HEAD, PUT, POST, DELETE",
    );
    for (const name of ["Authorization", "Session", "If-Match", "Idempotency-Key", "Acl"]) {
      expect(trusted.headers.get("Access-Control-Allow-Headers")).toContain(name);
    }
    expect(trusted.headers.get("Access-Control-Allow-Origin")).toBe("https://app.example");
    expect((await preflight("https://evil.example")).status).toBe(403);
  });

  it("[SC12] get nothing that a browser would run", async () => {
    const door = gateway();
    await door.send(
      "PUT /znodes/page",
      { "Content-Type": "text/html" },
      "<script>alert(1)</script>",
    );
    for (const line of ["GET /znodes/page", "GET /znodes/none", "GET /znodes?children"]) {
      const { headers } = await door.send(line, { Accept: "text/html,*/*" });
      expect(headers.get("Content-Type")).not.toContain("html");
      expect(headers.get("X-Content-Type-Options")).toBe("nosniff");
      expect(headers.get("Content-Security-Policy")).toMatch(/default-src 'none'.*sandbox/);
    }
  });
});
