import { describe, expect, test, vi } from "vitest";
import { type WatchEvent, ZooKeeper } from "../../../src/client/index.ts";
import { framesOf } from "../../../src/protocol/jute/frame.ts";
import { twoClients } from "./two-clients.ts";
import { collectUncaught } from "./uncaught.ts";

async function start() {
  const stage = await twoClients();
  const heard: string[] = [];
  const watch = ({ type, path }: WatchEvent): void => void heard.push(`${type} ${path}`);
  return { ...stage, heard, watch };
}

describe("removed watches", () => {
  test("[CW17] removeWatches ends those of one type, whoever set them, and names them", async () => {
    const { zk, other, heard, watch } = await start();
    await zk.create("/a");
    await zk.get("/a", { watch });
    await zk.exists("/a", { watch: ({ type }) => heard.push(`exists ${type}`) });
    await zk.children("/a", { watch });

    expect(await zk.removeWatches("/a", "Data")).toEqual(["data"]);
    await other.set("/a", "1");
    await other.create("/a/b");
    await zk.sync();
    expect(heard).toEqual(["NodeChildrenChanged /a"]);
  });

  test("[CW17] removeWatches of any type ends persistent ones, too", async () => {
    const { zk, other, heard, watch } = await start();
    await zk.create("/a");
    await zk.addWatch("/a", watch, { recursive: true });
    await zk.exists("/a/b", { watch });

    expect(await zk.removeWatches("/a")).toEqual(["persistentRecursive"]);
    expect(await zk.removeWatches("/a/b")).toEqual(["exist"]);
    await other.create("/a/b");
    await zk.sync();
    expect(heard).toEqual([]);
  });

  test("[CW18] removeWatches fails with NOWATCHER where this client watches nothing", async () => {
    const { zk, watch } = await start();
    await zk.create("/a");
    await zk.children("/a", { watch });

    await expect(zk.removeWatches("/a", "Data")).rejects.toThrow("NOWATCHER for /a");
  });
});

describe("one-shot watches", () => {
  test("[CW1] the event comes before the answer that shows its change", async () => {
    const { zk, heard } = await start();
    await zk.create("/a");
    await zk.get("/a", { watch: ({ type }) => heard.push(type) });
    await zk.set("/a", "1").then(() => heard.push("answer"));

    expect(heard).toEqual(["NodeDataChanged", "answer"]);
  });

  test("[CW2] each of get, exists and children watches what it reads, once", async () => {
    const { zk, other, heard, watch } = await start();
    await zk.create("/a");
    await zk.get("/a", { watch: ({ type }) => heard.push(`get ${type}`) });
    await zk.exists("/a/b", { watch: ({ type }) => heard.push(`exists ${type}`) });
    await zk.children("/a", { watch: ({ type }) => heard.push(`children ${type}`) });
    await other.create("/a/b");
    await other.set("/a", "1");
    await other.set("/a", "2");
    await other.delete("/a/b");
    await zk.sync();

    expect(heard).toEqual([
      "exists NodeCreated",
      "children NodeChildrenChanged",
      "get NodeDataChanged",
    ]);
    await zk.exists("/a/b", { watch });
    await other.create("/a/b");
    await zk.sync();
    expect(heard.at(-1)).toBe("NodeCreated /a/b");
  });

  test("[CW3] a read that failed watches nothing", async () => {
    const { zk, other, heard, watch } = await start();
    await expect(zk.get("/a", { watch })).rejects.toThrow("NONODE");
    await other.create("/a");
    await zk.sync();

    expect(heard).toEqual([]);
  });

  test("[CW4] a watcher who watches in two ways hears of one change once", async () => {
    const { zk, other, heard, watch } = await start();
    await zk.create("/a");
    await zk.get("/a", { watch });
    await zk.exists("/a", { watch });
    await zk.children("/a", { watch });
    await other.delete("/a");
    await zk.sync();

    expect(heard).toEqual(["NodeDeleted /a"]);
  });

  test("[CW5] what happened while there was no connection is told after it", async () => {
    const { clock, service, zk, other, heard, watch } = await start();
    await zk.create("/a");
    await zk.get("/a", { watch });
    await zk.exists("/b", { watch });
    await zk.children("/a", { watch });
    service.cut();
    service.mood = "refusing";
    await clock.advance(10);
    service.mood = "working";
    const done = other.transaction().set("/a", "1").create("/b").create("/a/c").commit();
    await clock.advance(500);
    await done;
    await zk.sync();

    expect(heard.toSorted()).toEqual([
      "NodeChildrenChanged /a",
      "NodeCreated /b",
      "NodeDataChanged /a",
    ]);
  });

  test("[CW6] watches outlive the session", async () => {
    const { clock, service, zk, heard, watch, options } = await start();
    await zk.create("/a");
    await zk.get("/a", { watch });
    const before = zk.sessionId;
    service.mood = "refusing";
    service.cut();
    await clock.advance(10_000);
    service.mood = "working";
    const third = new ZooKeeper("one:1", options);
    await clock.advance(10_000);
    await third.set("/a", "1");
    await zk.sync();

    expect(zk.sessionId).not.toBe(before);
    expect(heard).toEqual(["NodeDataChanged /a"]);
  });
});

describe("a watcher that throws", () => {
  test("[CS26] stops neither others nor the connection, and its error is uncaught", async () => {
    const { zk, other, heard, watch } = await start();
    const uncaught = collectUncaught();
    const fault = new Error("a watcher's own");
    zk.onState(() => {
      throw fault;
    });
    await zk.exists("/a", {
      watch: () => {
        throw fault;
      },
    });
    await zk.exists("/a", { watch });
    await other.create("/a");
    await zk.sync();
    await zk.close();
    vi.unstubAllGlobals();

    expect(heard).toEqual(["NodeCreated /a"]);
    expect(uncaught).toEqual([fault, fault]);
  });
});

describe("watches that stay", () => {
  test("[CW7] a persistent watch hears every change of its znode and its children", async () => {
    const { zk, other, heard, watch } = await start();
    await zk.addWatch("/a", watch);
    await other.create("/a");
    await other.set("/a", "1");
    await other.create("/a/b");
    await other.set("/a/b", "1");
    await zk.sync();

    expect(heard).toEqual(["NodeCreated /a", "NodeDataChanged /a", "NodeChildrenChanged /a"]);
  });

  test("[CW8] a recursive one hears of everything below, and not of children twice", async () => {
    const { zk, other, heard, watch } = await start();
    await zk.addWatch("/a", watch, { recursive: true });
    await other.create("/a");
    await other.create("/a/b");
    await other.set("/a/b", "1");
    await other.create("/ab");
    await zk.sync();

    expect(heard).toEqual(["NodeCreated /a", "NodeCreated /a/b", "NodeDataChanged /a/b"]);
  });

  test("[CW9] after the last one is removed nothing comes", async () => {
    const { zk, other, heard, watch } = await start();
    const removeFirst = await zk.addWatch("/a", watch);
    const removeSecond = await zk.addWatch("/a", (event) => watch(event));
    await removeFirst();
    await other.create("/a");
    await zk.sync();
    expect(heard).toHaveLength(1);
    await removeSecond();
    await other.set("/a", "1");
    await zk.sync();

    expect(heard).toHaveLength(1);
  });

  test("[CW10] it is there again after a reconnect", async () => {
    const { clock, service, zk, other, heard, watch } = await start();
    await zk.addWatch("/a", watch, { recursive: true });
    service.cut();
    await clock.advance(10);
    await other.create("/a");
    await zk.sync();

    expect(heard).toEqual(["NodeCreated /a"]);
  });

  test("[CW11] more watches than fit into a frame are registered again in several", async () => {
    const { clock, service, zk, other, heard, watch } = await start();
    const name = "x".repeat(1_000);
    const paths = Array.from({ length: 1_200 }, (_, index) => `/${name}${index}`);
    await Promise.all(paths.map((path) => zk.exists(path, { watch })));
    service.cut();
    service.pieces.length = 0;
    await clock.advance(10);
    const lengths = service.pieces.flatMap((piece) =>
      [...framesOf(piece)].map(({ length }) => length),
    );
    expect(lengths.length).toBeGreaterThan(9);
    expect(Math.max(...lengths)).toBeLessThan(140_000);
    await other.create(paths[0] ?? "");
    await other.create(paths.at(-1) ?? "");
    await zk.sync();

    expect(heard).toEqual([`NodeCreated ${paths[0]}`, `NodeCreated ${paths.at(-1)}`]);
  });
});

describe("a chroot", () => {
  test("[CW12] is added to paths on the way out and taken off on the way in", async () => {
    const { other, options, heard, watch } = await start();
    await other.create("/app");
    const zk = new ZooKeeper("one:1/app", options);
    await zk.addWatch("/", watch, { recursive: true });
    const { path } = await zk.create("/a-", "", { sequential: true, ephemeral: true });
    const [created] = await zk.transaction().create("/b").commit();
    await zk.sync();

    expect(path).toBe("/a-0000000000");
    expect(created).toMatchObject({ op: "create", path: "/b" });
    expect(await zk.ephemerals()).toEqual(["/a-0000000000"]);
    expect(heard).toEqual(["NodeCreated /a-0000000000", "NodeCreated /b"]);
    expect((await other.children("/app")).children.toSorted()).toEqual(["a-0000000000", "b"]);
  });
});
