import { describe, expect, it, vi } from "vitest";
import type { Watcher, ZooKeeper } from "../../../src/client/index.ts";
import { Follower } from "../../../src/cli/mirror/follower.ts";
import { ShellHarness } from "./shell-harness.ts";
import { newFile } from "./trees.ts";

const NEVER = new AbortController().signal;

describe("a server that lies", () => {
  it.each(["", ".", "..", "../x", "b/c", "x\u0000"])(
    "[SH77] the child %j is in no tree and no archive",
    async (name) => {
      const harness = new ShellHarness();
      const zk = await harness.connection.client();
      await zk.create("/a");
      await zk.create("/a/x");
      const children = zk.children.bind(zk);
      vi.spyOn(zk, "children").mockImplementation(async (path, options) => ({
        ...(await children(path, options)),
        children: [name],
      }));
      expect(await harness.runOnce(["mirror", "/a", newFile(".tar")])).toBe(1);
      expect(harness.err).toBe(
        `edgekeeper: expected a name of a child of /a, saw ${JSON.stringify(name)}\n`,
      );
    },
  );

  it("[SH77] events of other places are not followed", async () => {
    let tell: Watcher = () => undefined;
    const zk = {
      onState: () => () => undefined,
      addWatch: async (_path: string, watcher: Watcher) => {
        tell = watcher;
        return async () => undefined;
      },
    } as Partial<ZooKeeper> as ZooKeeper;
    const read = (): never => {
      throw new Error("nothing is read");
    };
    const tree = { zk, root: "/app", hasRoot: true, count: async () => 0, read };
    using follower = new Follower(tree, NEVER);
    await follower.start();
    for (const path of ["/app2", "/zzz-etc", "/", "/app/b", "/app"]) {
      tell({ type: "NodeDataChanged", path, zxid: 1 });
    }
    expect(await follower.next()).toEqual(["", "/b"]);
  });
});
