import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Gateway, problemIn } from "./gateway-harness.ts";
import { EventStream } from "./event-stream.ts";

let gateway: Gateway;
beforeEach(async () => {
  vi.useFakeTimers();
  gateway = new Gateway();
  await send("PUT /znodes/a", {}, "hello");
});
afterEach(() => {
  vi.useRealTimers();
});

/** The shard defers a flush to the end of a turn: the clock must go on for an answer. */
async function send(...request: Parameters<Gateway["send"]>): Promise<Response> {
  const response = gateway.send(...request);
  await vi.advanceTimersByTimeAsync(20);
  return response;
}

async function open(line: string, headers: Record<string, string> = {}): Promise<EventStream> {
  return new EventStream(await send(line, headers));
}

describe("a stream", () => {
  it("[RE27] begins with the state and goes on with changes", async () => {
    const response = await send("GET /znodes/a?watch");
    expect(response.headers.get("Content-Type")).toBe("text/event-stream");
    expect(response.headers.get("Cache-Control")).toBe("no-cache, private");
    expect(response.headers.get("Zxid")).toBe("0x1");
    const stream = new EventStream(response);
    expect(await stream.next()).toMatchObject({
      event: "state",
      id: "0x1",
      data: { path: "/a", data: "hello", exists: true, zxid: "0x1", stat: { version: 0 } },
    });
    await send("PUT /znodes/a", { "If-Match": "*" }, "again");
    expect(await stream.next()).toEqual({
      event: "NodeDataChanged",
      id: "0x2",
      data: { event: "NodeDataChanged", path: "/a", zxid: "0x2" },
    });
    await send("DELETE /znodes/a");
    expect(await stream.next()).toMatchObject({ event: "NodeDeleted", id: "0x3" });
    await send("PUT /znodes/a");
    expect(await stream.next()).toMatchObject({ event: "NodeCreated", id: "0x4" });
  });

  it("[RE27] of what doesn't exist says so and waits", async () => {
    const stream = await open("GET /znodes/none?watch");
    expect(await stream.next()).toMatchObject({
      event: "state",
      data: { path: "/none", exists: false },
    });
    await send("PUT /znodes/none");
    expect(await stream.next()).toMatchObject({ event: "NodeCreated", data: { path: "/none" } });
  });

  it("[RE27] of what may not be read is a problem", async () => {
    await send("PUT /znodes/locked", { Acl: "digest:x:y:cdrwa" });
    const response = await send("GET /znodes/locked?watch");
    expect(await problemIn(response)).toMatchObject({ status: 403, code: "NOAUTH" });
    expect(gateway.shard().lastSocket.closeCode).toBe(1000);
  });

  it("[RE27] shows what the caller's identities may read", async () => {
    await send("PUT /znodes/bob", {
      Acl: "auth::cdrwa",
      "ZooKeeper-Auth": "digest bob:pw",
    });
    const stream = await open("GET /znodes/bob?watch", { "ZooKeeper-Auth": "digest bob:pw" });
    expect(await stream.next()).toMatchObject({ data: { exists: true } });
  });

  it("[RE29] of data tells nothing of children", async () => {
    const stream = await open("GET /znodes/a?watch=data");
    await stream.next();
    await send("PUT /znodes/a/b");
    await send("PUT /znodes/a", { "If-Match": "*" }, "1");
    expect(await stream.next()).toMatchObject({ event: "NodeDataChanged", id: "0x3" });
  });

  it("[RE29] of children tells nothing of data", async () => {
    const stream = await open("GET /znodes/a?watch=children");
    expect(await stream.next()).toMatchObject({ data: { children: [], exists: true } });
    await send("PUT /znodes/a", { "If-Match": "*" }, "1");
    await send("PUT /znodes/a/b");
    expect(await stream.next()).toMatchObject({ event: "NodeChildrenChanged", id: "0x3" });
  });

  it("[RE29] of a subtree tells of everything below", async () => {
    const stream = await open("GET /znodes/a?watch=recursive");
    await stream.next();
    await send("PUT /znodes/a/b/c?parents");
    expect(await stream.next()).toMatchObject({ event: "NodeCreated", data: { path: "/a/b" } });
    expect(await stream.next()).toMatchObject({ event: "NodeCreated", data: { path: "/a/b/c" } });
    await send("PUT /znodes/a/b/c", { "If-Match": "*" }, "1");
    expect(await stream.next()).toMatchObject({ event: "NodeDataChanged" });
  });

  it.each([
    ["GET /znodes/a?watch&since=0x1", {}],
    ["GET /znodes/a?watch", { "Last-Event-ID": "0x1" }],
    ["GET /znodes/a?watch&since=0x0", { "Last-Event-ID": "0x1" }],
  ])("[RE28] resumed by %s %j sends what was missed", async (line, headers) => {
    await send("PUT /znodes/a", { "If-Match": "*" }, "1");
    await send("PUT /znodes/a", { "If-Match": "*" }, "2");
    const stream = await open(line, headers);
    const state = await stream.next();
    expect(state).toMatchObject({ event: "state", data: { data: "2", zxid: "0x3" } });
    expect(state).not.toHaveProperty("id");
    expect(await stream.next()).toMatchObject({ event: "NodeDataChanged", id: "0x2" });
    expect(await stream.next()).toMatchObject({ event: "NodeDataChanged", id: "0x3" });
    await send("DELETE /znodes/a");
    expect(await stream.next()).toMatchObject({ event: "NodeDeleted", id: "0x4" });
  });

  it("[RE28] that missed nothing goes on where it was", async () => {
    const stream = await open("GET /znodes/a?watch", { "Last-Event-ID": "0x1" });
    expect(await stream.next()).toMatchObject({ event: "state", id: "0x1" });
  });

  it("[RE28] that the log no longer reaches says reset, if a browser resumed it", async () => {
    gateway.shard().forgetLog();
    const stream = await open("GET /znodes/a?watch", { "Last-Event-ID": "0x0" });
    expect(await stream.next()).toMatchObject({ event: "state", id: "0x1", data: { reset: true } });
    const asked = await send("GET /znodes/a?watch&since=0x0");
    expect(await problemIn(asked)).toMatchObject({ status: 400, seen: "0x0" });
  });

  it("[RE28] is not resumed by nonsense", async () => {
    const response = await send("GET /znodes/a?watch", { "Last-Event-ID": "7" });
    expect(await problemIn(response)).toMatchObject({ status: 400 });
  });

  it("[RE30] that is idle sends comments, and pings to the shard", async () => {
    const stream = await open("GET /znodes/a?watch");
    await stream.next();
    const { sent } = gateway.shard().lastSocket;
    const before = sent.length;
    await vi.advanceTimersByTimeAsync(60_100);
    expect(sent.slice(before)).toEqual(["ping", "ping", "ping", "ping"]);
    expect(await stream.nextText()).toContain(": heartbeat\n\n");
    expect(gateway.shard().lastSocket.closeCode).toBeUndefined();
  });

  it("[RE30] ends when a ping goes unanswered", async () => {
    const stream = await open("GET /znodes/a?watch");
    await stream.next();
    gateway.shard().isAlive = false;
    await vi.advanceTimersByTimeAsync(31_000);
    expect(await stream.isAtEnd()).toBe(true);
    expect(gateway.shard().lastSocket.closeCode).toBe(1000);
  });

  it("[RE30] ends with the shard's socket", async () => {
    const stream = await open("GET /znodes/a?watch");
    await stream.next();
    gateway.shard().lastSocket.receive(new Event("close"));
    expect(await stream.isAtEnd()).toBe(true);
  });

  it("[RE30] ends with the client", async () => {
    const stream = await open("GET /znodes/a?watch");
    await stream.next();
    await stream.cancel();
    expect(gateway.shard().lastSocket.closeCode).toBe(1000);
    expect((await gateway.shard().status()).watches).toBe(0);
  });

  it("[RE30] ends with a client that doesn't read", async () => {
    await send("GET /znodes/a?watch=recursive");
    const path = `/a/${"x".repeat(60_000)}`;
    const event = JSON.stringify({ event: "NodeCreated", path, zxid: "0x9" });
    const socket = gateway.shard().lastSocket;
    for (let sent = 0; sent < 80; sent += 1) {
      socket.receive(Object.assign(new Event("message"), { data: event }));
      await vi.advanceTimersByTimeAsync(1);
    }
    expect(socket.closeCode).toBe(1000);
  });

  it("[RE30] acknowledges what it got", async () => {
    await send("GET /znodes/a?watch");
    const socket = gateway.shard().lastSocket;
    socket.receive(Object.assign(new Event("message"), { data: "ack 4711" }));
    expect(socket.sent.at(-1)).toBe("ack 4711");
  });
});

describe("a wait", () => {
  it("[RE31] ends with the next change", async () => {
    const waiting = gateway.send("GET /znodes/a?wait=30s");
    await vi.advanceTimersByTimeAsync(5_000);
    await send("PUT /znodes/a", { "If-Match": "*" }, "1");
    const response = await waiting;
    expect(response.headers.get("Zxid")).toBe("0x2");
    expect(await response.json()).toEqual({
      path: "/a",
      zxid: "0x2",
      events: [{ event: "NodeDataChanged", path: "/a", zxid: "0x2" }],
    });
    expect(gateway.shard().lastSocket.closeCode).toBe(1000);
  });

  it("[RE31] ends at once if something happened since", async () => {
    await send("PUT /znodes/a/b");
    await send("PUT /znodes/a/c");
    const response = await send("GET /znodes/a?wait=30s&watch=children&since=0x1");
    expect(await response.json()).toMatchObject({
      zxid: "0x3",
      events: [{ event: "NodeChildrenChanged" }, { event: "NodeChildrenChanged" }],
    });
  });

  it("[RE31] ends when the time is up", async () => {
    const waiting = gateway.send("GET /znodes/a?wait=500ms");
    await vi.advanceTimersByTimeAsync(501);
    expect(await (await waiting).json()).toEqual({ path: "/a", zxid: "0x1", events: [] });
    expect(gateway.shard().lastSocket.closeCode).toBe(1000);
  });

  it("[RE31] does not end with a change of another kind", async () => {
    const waiting = gateway.send("GET /znodes/a?wait=10s&watch=data");
    await vi.advanceTimersByTimeAsync(1_000);
    await send("PUT /znodes/a/b");
    await vi.advanceTimersByTimeAsync(10_000);
    expect(await (await waiting).json()).toMatchObject({ events: [] });
  });

  it("[RE31] is followed by the next one without a gap", async () => {
    const first = await send("GET /znodes/a?wait=1ms");
    const { zxid } = (await first.json()) as { zxid: string };
    await send("PUT /znodes/a", { "If-Match": "*" }, "1");
    const second = await send(`GET /znodes/a?wait=1s&since=${zxid}`);
    expect(await second.json()).toMatchObject({ events: [{ event: "NodeDataChanged" }] });
  });
});
