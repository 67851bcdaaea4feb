import { describe, expect, test } from "vitest";
import type { ZooKeeper } from "../../../src/client/index.ts";
import * as recipes from "../../../src/recipes/index.ts";
import { MAKINGS } from "./every-recipe.ts";
import { Stage } from "./faulty-client.ts";

/** Whoever made it, and nobody else. */
const acl = [{ perms: 31, id: { scheme: "auth", id: "" } }];
const PATH = "/team/recipe";

/** Two clients that are bob, and a stranger. */
async function start() {
  const stage = new Stage();
  const [one, two] = [await stage.client(), await stage.client()];
  const stranger = await stage.client();
  for (const { zk } of [one, two]) await zk.addAuth("digest", "bob:secret");
  return { stage, one, two, stranger };
}

/** A znode and all below it. */
async function treeOf(zk: ZooKeeper, path: string): Promise<readonly string[]> {
  const { children } = await zk.children(path);
  const below = await Promise.all(children.map((name) => treeOf(zk, `${path}/${name}`)));
  return [path, ...below.flat()];
}

describe("an ACL", () => {
  test.for(Object.entries(MAKINGS))("[RP85] is that of all that is made: %s", async ([, make]) => {
    const { stage, one } = await start();
    const held = await stage.until(make({ zk: one.zk, path: PATH, options: { acl } }));
    const paths = await treeOf(one.zk, "/team");
    expect(paths.length).toBeGreaterThan(1);
    for (const path of paths) {
      const [entry, ...others] = (await one.zk.getACL(path)).acl;
      expect([path, entry?.perms, entry?.id.scheme, others]).toEqual([path, 31, "digest", []]);
      expect(entry?.id.id).toMatch(/^bob:/);
    }
    await stage.until(Promise.resolve(held[Symbol.asyncDispose]()));
  });

  test.for(Object.entries(MAKINGS))("[RP86] keeps strangers out: %s", async ([, make]) => {
    const { stage, one, two, stranger } = await start();
    await using _held = await stage.until(make({ zk: one.zk, path: PATH, options: { acl } }));
    const refused = make({ zk: stranger.zk, path: PATH, options: { acl } }).then(
      () => "let in",
      (error: unknown) => String(error),
    );
    expect(await stage.until(Promise.race([refused, stage.pass(3_000)]))).not.toBe("let in");
    expect(await stranger.zk.ephemerals()).toEqual([]);
    await two.zk.get("/team");
  });

  test("[RP85] is tried with every recipe that makes znodes", () => {
    const ofOthers = [
      "ChildrenCache",
      "FencingGuard",
      "Hold",
      "MultiHold",
      "NoInstanceError",
      "NodeCache",
      "QueueClaim",
      "SchemaError",
      "ServiceProvider",
      "StaleTokenError",
      "TreeCache",
    ];
    const classes = Object.entries(recipes).filter(([name]) => /^[A-Z]/.test(name));
    const tried = new Set(Object.keys(MAKINGS).map((name) => name.split(/,| in /)[0]));

    const untried = classes
      .map(([name]) => name)
      .filter((name) => !ofOthers.includes(name) && !tried.has(name));
    expect(untried).toEqual([]);
  });
});
