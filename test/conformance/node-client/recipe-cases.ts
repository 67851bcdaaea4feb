import assert from "node:assert/strict";
import type { Znode } from "../../../src/client/index.ts";
import {
  type CacheChange,
  ChildrenCache,
  NodeCache,
  TreeCache,
} from "../../../src/recipes/index.ts";
import { MAKINGS } from "../../unit/recipes/every-recipe.ts";
import type { Case } from "./cases.ts";

/** Resolves when a cache tells of this text. */
function heard(text: string) {
  const { promise, resolve } = Promise.withResolvers<void>();
  const hear = (znode: Znode | undefined): void => {
    if (znode?.text === text) resolve();
  };
  return { promise, hear };
}

const CACHES: Readonly<Record<string, Case>> = {
  "TreeCache, NodeCache and ChildrenCache follow another client": async ({ zk, other }) => {
    await other.create("/tree", "root");
    const [inTree, alone, asChild] = [heard("yellow"), heard("yellow"), heard("yellow")];
    const onChange = ({ znode }: CacheChange): void => inTree.hear(znode);
    await using tree = new TreeCache(zk, "/tree", { onChange });
    await using node = new NodeCache(zk, "/tree/leaf", alone.hear);
    await using children = new ChildrenCache(zk, "/tree", ({ znode }) => asChild.hear(znode));
    await Promise.all([tree.ready, node.ready, children.ready]);
    assert.equal(children.children.size, 0);

    await other.create("/tree/leaf", "green");
    await other.set("/tree/leaf", "yellow");
    await Promise.all([inTree.promise, alone.promise, asChild.promise]);

    assert.equal(tree.get("/tree/leaf")?.text, "yellow");
    assert.equal(node.current?.text, "yellow");
    assert.deepEqual([...children.children.keys()], ["leaf"]);
  },
};

/**
 * Every recipe, on any server: it comes to what it is for, lets go, and another client comes to the same
 * at the same path. What each promises when something fails is proven with our own server.
 */
export const RECIPE_CASES: Readonly<Record<string, Case>> = {
  ...CACHES,
  ...Object.fromEntries(
    Object.entries(MAKINGS).map(([name, make]): [string, Case] => [
      `${name}: one client, then the other`,
      async ({ zk, other }) => {
        for (const client of [zk, other]) {
          const made = await make({ zk: client, path: "/recipe", options: {} });
          await made[Symbol.asyncDispose]();
        }
      },
    ]),
  ),
};
