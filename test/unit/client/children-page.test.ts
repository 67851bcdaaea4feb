import { describe, expect, test } from "vitest";
import { pageFrom, pageOf } from "../../../src/client/children-page.ts";
import { ZooKeeper } from "../../../src/client/index.ts";
import { twoClients } from "./two-clients.ts";

/** A client of `/a` with five children, of which `three` is nobody's to read. */
async function start() {
  const { zk, options } = await twoClients();
  const acl = [{ perms: 16, id: { scheme: "world", id: "anyone" } }];
  await zk.create("/a");
  for (const name of ["one", "two", "four", "five"]) await zk.create(`/a/${name}`, name);
  await zk.create("/a/three", "3", { acl });
  return { zk, options };
}

const namesOf = ({ children }: { readonly children: readonly { readonly name: string }[] }) =>
  children.map(({ name }) => name);

describe("children in pages", () => {
  test("[CL15] come in the order of their names, and say whether there are more", async () => {
    const { zk } = await start();
    const first = await zk.childrenPage("/a", { limit: 2 });
    const second = await zk.childrenPage("/a", { limit: 3, after: "four" });

    expect([namesOf(first), first.more, first.stat.numChildren]).toEqual([
      ["five", "four"],
      true,
      5,
    ]);
    expect([namesOf(second), second.more]).toEqual([["one", "three", "two"], false]);
    expect(namesOf(await zk.childrenPage("/a"))).toHaveLength(5);
    expect(namesOf(await zk.childrenPage("/a", { after: "two" }))).toEqual([]);
  });

  test("[CL15] bring Stats and data, of those that may be read, also in a chroot", async () => {
    const { options } = await start();
    const zk = new ZooKeeper("one:1/a", options);

    const { children } = await zk.childrenPage("/", { after: "one", stat: true, data: true });

    expect(children).toEqual([
      { name: "three" },
      { name: "two", stat: expect.objectContaining({ dataLength: 3 }), data: bytesOf("two") },
    ]);
  });

  test.each([{ limit: 0 }, { limit: 10_001 }, { limit: 1.5 }, { size: 7 }, { after: 7 }])(
    "[CL15] %j is BADARGUMENTS",
    async (ask) => {
      const { zk } = await twoClients();

      await expect(zk.childrenPage("/", ask as object)).rejects.toMatchObject({
        codeName: "BADARGUMENTS",
        path: "/",
      });
    },
  );

  test("[CL16] are picked out of what a server sends that knows no pages", async () => {
    const { zk } = await start();
    const { stat } = await zk.get("/a");
    const children = ["two", "one", "gone", "three", "four"];
    const page = (ask: object) =>
      pageFrom({ children, stat }, "/a", pageOf(ask, "/a"), (path) => zk.get(path));

    expect(await page({ after: "four", limit: 2 })).toEqual({
      children: [{ name: "gone" }, { name: "one" }],
      stat,
      more: true,
    });
    const { children: read, more } = await page({ after: "four", data: true });
    expect(read.map((child) => [child.name, child.data])).toEqual([
      ["gone", undefined],
      ["one", bytesOf("one")],
      ["three", undefined],
      ["two", bytesOf("two")],
    ]);
    expect(more).toBe(false);
  });
});

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
