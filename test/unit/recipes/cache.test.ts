import { describe, expect, test } from "vitest";
import {
  type CacheChange,
  ChildrenCache,
  NodeCache,
  TreeCache,
} from "../../../src/recipes/index.ts";
import { Stage } from "./faulty-client.ts";

async function start() {
  const stage = new Stage();
  const [reader, writer] = [await stage.client(), await stage.client()];
  const heard: string[] = [];
  const hear = ({ type, path, znode }: CacheChange): void =>
    void heard.push(`${type} ${path} ${znode.text}`);
  return { stage, reader, writer: writer.zk, heard, hear };
}

function textsOf(cache: TreeCache): Record<string, string> {
  return Object.fromEntries([...cache.entries()].map(([path, { text }]) => [path, text]));
}

describe("TreeCache", () => {
  test("[RP40] holds what there is, and follows every change", async () => {
    const { stage, reader, writer, heard, hear } = await start();
    await writer.create("/a", "1");
    await writer.create("/a/b", "2");
    const cache = new TreeCache(reader.zk, "/a", { onChange: hear });
    await stage.until(cache.ready);
    expect(textsOf(cache)).toEqual({ "/a": "1", "/a/b": "2" });
    heard.length = 0;
    await writer.create("/a/b/c", "3");
    await stage.pass(100);
    await writer.set("/a/b", "4");
    await stage.pass(100);
    await writer.delete("/a/b/c");
    await stage.pass(100);

    expect(heard).toEqual(["added /a/b/c 3", "changed /a/b 4", "removed /a/b/c 3"]);
    expect(textsOf(cache)).toEqual({ "/a": "1", "/a/b": "4" });
  });

  test("[RP40] the last of many quick changes is never left out", async () => {
    const { stage, reader, writer } = await start();
    const cache = new TreeCache(reader.zk, "/a");
    await stage.until(cache.ready);
    for (let round = 0; round < 20; round += 1) {
      void writer.create("/a", `${round}`);
      void writer.set("/a", `${round}!`);
      if (round < 19) void writer.delete("/a");
    }
    await stage.pass(200);

    expect(textsOf(cache)).toEqual({ "/a": "19!" });
  });

  test("[RP41] differences are told after a lost connection, and after a lost session", async () => {
    const { stage, reader, writer, heard, hear } = await start();
    await writer.create("/a");
    for (const name of ["gone", "same", "changed"]) await writer.create(`/a/${name}`, "1");
    const cache = new TreeCache(reader.zk, "/a", { onChange: hear });
    await stage.until(cache.ready);
    heard.length = 0;
    reader.offline();
    await writer.delete("/a/gone");
    await writer.set("/a/changed", "2");
    await writer.create("/a/new", "1");
    await stage.pass(1_000);
    expect(textsOf(cache)).toMatchObject({ "/a/gone": "1", "/a/changed": "1" });
    reader.online();
    await stage.pass(6_000);
    expect(heard.toSorted()).toEqual([
      "added /a/new 1",
      "changed /a/changed 2",
      "removed /a/gone 1",
    ]);
    heard.length = 0;
    await stage.expire(reader);
    await writer.set("/a/same", "2");
    await stage.pass(100);

    expect(heard).toEqual(["changed /a/same 2"]);
  });

  for (const fault of ["request", "answer"] as const) {
    test(`[RP41] a copy is whole when any ${fault} is lost on the way`, async () => {
      for (let step = 0, didFail = true; didFail; step += 1) {
        const { stage, reader, writer } = await start();
        await writer.create("/a", "1");
        await writer.create("/a/b", "2");
        didFail = false;
        reader.failAt((_op, index) => {
          if (index !== step) return undefined;
          didFail = true;
          return fault;
        });
        const cache = new TreeCache(reader.zk, "/a");
        await stage.until(cache.ready);
        await writer.create("/a/c", "3");
        await stage.pass(1_000);
        expect(textsOf(cache)).toEqual({ "/a": "1", "/a/b": "2", "/a/c": "3" });
        expect(step).toBeLessThan(20);
      }
    });
  }

  test("[RP42] a closed cache hears nothing more, and a closed client ends one that is not ready", async () => {
    const { stage, reader, writer, heard, hear } = await start();
    const cache = new TreeCache(reader.zk, "/a", { onChange: hear });
    await stage.until(cache.ready);
    await cache.close();
    await writer.create("/a");
    await stage.pass(100);
    expect(heard).toEqual([]);
    await reader.zk.close();

    await expect(new TreeCache(reader.zk, "/a").ready).rejects.toThrow("SESSIONEXPIRED");
  });

  test("[RP43] what may not be read is left out", async () => {
    const { stage, reader, writer } = await start();
    await writer.create("/a", "1");
    const acl = [{ perms: 30, id: { scheme: "world", id: "anyone" } }];
    await writer.create("/a/secret", "2", { acl });
    const cache = new TreeCache(reader.zk, "/a");
    await stage.until(cache.ready);

    expect(textsOf(cache)).toEqual({ "/a": "1" });
  });
});

test("[RP44] a node cache follows one znode that comes and goes", async () => {
  const { stage, reader, writer } = await start();
  const seen: (string | undefined)[] = [];
  await using cache = new NodeCache(reader.zk, "/a", (znode) => seen.push(znode?.text));
  await stage.until(cache.ready);
  expect(cache.current).toBeUndefined();
  await writer.create("/a", "1");
  await stage.pass(100);
  await writer.create("/a/b", "not it");
  await writer.set("/a", "2");
  await stage.pass(100);
  expect(cache.current?.text).toBe("2");
  await writer.delete("/a/b");
  await writer.delete("/a");
  await stage.pass(100);

  expect(seen).toEqual(["1", "2", undefined]);
});

test("[RP44] a children cache follows the children, and nothing below them", async () => {
  const { stage, reader, writer, heard, hear } = await start();
  await writer.create("/a");
  await writer.create("/a/2", "two");
  await using cache = new ChildrenCache(reader.zk, "/a", hear);
  await stage.until(cache.ready);
  await writer.create("/a/1", "one");
  await writer.create("/a/1/below");
  await stage.pass(100);

  expect([...cache.children].map(([name, { text }]) => `${name}=${text}`)).toEqual([
    "1=one",
    "2=two",
  ]);
  expect(heard).toEqual(["added /a/2 two", "added /a/1 one"]);
});
