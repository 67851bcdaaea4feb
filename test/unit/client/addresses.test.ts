import { describe, expect, test } from "vitest";
import { ZooKeeper, type ClientOptions } from "../../../src/client/index.ts";
import { FakeClock } from "./fake-clock.ts";

/** The servers that a client tries, of a first round that nobody answers. */
async function dialled(servers: string, options: ClientOptions = {}): Promise<readonly string[]> {
  const tried: string[] = [];
  const clock = new FakeClock(() => 0.999);
  const zk = new ZooKeeper(servers, {
    ...options,
    clock,
    dial: (server, listener) => {
      tried.push(server);
      queueMicrotask(() => listener.closed("nobody is there"));
      return { send: () => undefined, ping: () => undefined, close: () => undefined };
    },
  });
  await clock.advance(99);
  await zk.close();
  return tried;
}

describe("where a client connects", () => {
  test.each([
    ["zoo", ["zoo:2181"]],
    ["zoo1:2182, zoo2,[::1]:2183", ["zoo1:2182", "zoo2:2181", "[::1]:2183"]],
    ["zoo1,zoo2/app/one/", ["zoo1:2181", "zoo2:2181"]],
  ])("[CS23] %s names servers as ZooKeeper's connect string does", async (servers, expected) => {
    expect(await dialled(servers)).toEqual(expected);
  });

  test.each([
    ["http://localhost:8787", "ws://localhost:8787/ws"],
    ["https://keeper.example.com", "wss://keeper.example.com/ws"],
    ["wss://keeper.example.com/tenant/ws", "wss://keeper.example.com/tenant/ws"],
  ])("[CS24] %s is the service there, through a WebSocket", async (url, expected) => {
    expect(await dialled(url)).toEqual([expected]);
  });

  test("[CS24] a namespace is a tree of its own there", async () => {
    expect(await dialled("http://localhost:8787", { namespace: "shop-1" })).toEqual([
      "ws://localhost:8787/ns/shop-1/ws",
    ]);
  });

  test.each([
    ["", {}, "expected servers as host:port"],
    ["zoo:0", {}, "expected servers as host:port"],
    ["zoo:2181:3", {}, "expected servers as host:port"],
    ["::1", {}, "expected servers as host:port"],
    ["zoo/app/../other", {}, "expected a chroot"],
    ["zoo", { chroot: "app" }, "expected a chroot"],
    ["zoo", { namespace: "shop" }, "a namespace needs a service"],
    ["http://localhost", { namespace: "Shop" }, "expected a namespace"],
    ["http://localhost", { sessionTimeoutMs: 0 }, "expected a session timeout"],
    ["http://localhost", { sessionTimeoutMs: 1.5 }, "expected a session timeout"],
  ])("[CS25] %j with %j makes no sense, which is told at once", async (servers, options, words) => {
    await expect(dialled(servers, options)).rejects.toThrow(words);
  });

  test("[CS25] host and port without a way to dial them, too", () => {
    expect(() => new ZooKeeper("zoo:2181")).toThrow("tcpDial");
  });
});
