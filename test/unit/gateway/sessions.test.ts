import { beforeEach, describe, expect, it } from "vitest";
import { Gateway, problemIn } from "./gateway-harness.ts";
import { tokensOf } from "./tokens-harness.ts";

let gateway: Gateway;
beforeEach(() => {
  gateway = new Gateway();
});

const idOf = (token: string): string => token.split(".")[0] ?? "";

describe("a session", () => {
  it("[RE23] is opened, and its token shown once", async () => {
    const response = await gateway.sendJson("POST /sessions", { timeout: 30_000 });
    expect(response.status).toBe(201);
    expect(response.headers.get("Cache-Control")).toBe("no-store");
    const session = (await response.json()) as Record<string, unknown>;
    expect(session).toMatchObject({ timeout: 30_000, connected: false, ephemerals: 0 });
    expect(response.headers.get("Location")).toBe(`/sessions/${String(session["id"])}`);

    const Session = String(session["token"]);
    const looked = await gateway.send(`GET /sessions/${idOf(Session)}`, { Session });
    expect(looked.headers.get("Cache-Control")).toBe("no-store");
    expect(await looked.json()).not.toHaveProperty("token");
  });

  it.each([
    [1, 4_000],
    [-5, 4_000],
    [1e300, 600_000],
    [undefined, 30_000],
  ])("[RE23] that asks for %s ms gets %s", async (timeout, granted) => {
    const response = await gateway.sendJson("POST /sessions", { timeout });
    expect(await response.json()).toMatchObject({ timeout: granted });
  });

  it("[RE23] is opened without a body, too", async () => {
    const response = await gateway.send("POST /sessions");
    expect(await response.json()).toMatchObject({ timeout: 30_000 });
  });

  it.each([{ timeout: "30s" }, { timeout: null }, { ttl: 1 }, [], 7])(
    "[RE23] is not opened by %j",
    async (body) => {
      const response = await gateway.sendJson("POST /sessions", body);
      expect(await problemIn(response)).toMatchObject({ status: 400, code: "MARSHALLINGERROR" });
    },
  );

  it("[RE37] takes no idempotency key, which would be ignored", async () => {
    const opened = await gateway.send("POST /sessions", { "Idempotency-Key": "k" });
    expect(await problemIn(opened)).toMatchObject({ status: 400, code: "BADARGUMENTS" });
    const Session = await gateway.openSession();
    for (const method of ["PUT", "GET", "DELETE"]) {
      const response = await gateway.send(`${method} /sessions/${idOf(Session)}`, {
        Session,
        "Idempotency-Key": "k",
      });
      expect(response.status).toBe(400);
    }
  });

  it("[RE23] is kept alive and closed with its ephemerals", async () => {
    const Session = await gateway.openSession();
    await gateway.send("PUT /znodes/e?ephemeral", { Session });
    const kept = await gateway.send(`PUT /sessions/${idOf(Session)}`, { Session });
    expect(await kept.json()).toMatchObject({ id: idOf(Session), ephemerals: 1 });
    const closed = await gateway.send(`DELETE /sessions/${idOf(Session)}`, { Session });
    expect(closed.status).toBe(204);
    expect(closed.headers.get("Cache-Control")).toBe("no-store");
    expect((await gateway.send("GET /znodes/e")).status).toBe(404);
  });

  it("[RE23] that is gone is 410", async () => {
    const Session = await gateway.openSession();
    await gateway.send(`DELETE /sessions/${idOf(Session)}`, { Session });
    const response = await gateway.send("PUT /znodes/e?ephemeral", { Session });
    expect(await problemIn(response)).toMatchObject({ status: 410, code: "SESSIONEXPIRED" });
  });

  it("[RE24] of another answers to its own token only", async () => {
    const mine = await gateway.openSession();
    const other = await gateway.openSession();
    const response = await gateway.send(`GET /sessions/${idOf(other)}`, { Session: mine });
    expect(await problemIn(response)).toMatchObject({ status: 400 });
    const guessed = `${idOf(other)}.${mine.split(".")[1]}`;
    for (const method of ["GET", "PUT", "DELETE"]) {
      const refused = await gateway.send(`${method} /sessions/${idOf(other)}`, {
        Session: guessed,
      });
      expect(refused.status).toBeGreaterThanOrEqual(400);
      expect(refused.status).toBeLessThan(500);
    }
    expect((await gateway.send(`GET /sessions/${idOf(other)}`, { Session: other })).status).toBe(
      200,
    );
  });

  it("[RE24] is an admin's without a token, and no writer's", async () => {
    const writers = new Gateway({
      TOKENS: tokensOf(
        { name: "w", token: "w", role: "write" },
        { name: "a", token: "a", role: "admin" },
      ),
    });
    const [writer, admin] = [{ Authorization: "Bearer w" }, { Authorization: "Bearer a" }];
    const opened = await writers.sendJson("POST /sessions", {}, writer);
    const { id } = (await opened.json()) as { id: string };
    expect((await writers.send(`GET /sessions/${id}`, writer)).status).toBe(403);
    expect((await writers.send(`DELETE /sessions/${id}`, writer)).status).toBe(403);
    expect((await writers.send(`GET /sessions/${id}`, admin)).status).toBe(200);
    expect((await writers.send(`PUT /sessions/${id}`, admin)).status).toBe(200);
    expect((await writers.send(`DELETE /sessions/${id}`, admin)).status).toBe(204);
    expect((await writers.send(`GET /sessions/${id}`, admin)).status).toBeGreaterThanOrEqual(404);
  });

  it.each(["0", "0x1f", "XYZ", "-1", "1f.abc"])("[RE24] is not called %s", async (id) => {
    expect(await problemIn(await gateway.send(`GET /sessions/${id}`))).toMatchObject({
      status: 400,
    });
  });
});
