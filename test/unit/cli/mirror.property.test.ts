import { asyncProperty, assert, constantFrom, dictionary, type Arbitrary } from "fast-check";
import { expect, test } from "vitest";
import { compareInTree } from "../../../src/cli/tree/tree-node.ts";
import { readTree } from "../../../src/cli/tree/read-tree.ts";
import type { ZooKeeper } from "../../../src/client/index.ts";
import { ShellHarness } from "./shell-harness.ts";
import { copyOf, newFile } from "./trees.ts";

/** Names around the slash in Unicode's order, and those that files use. */
const NAMES = ["a", "a b", "a-b", "a.b", "ab", "@data", "@@data", "é"];
const DATA = [null, "", "x", "y"];

/** Paths from a root, each with its data; parents that were not drawn have none. */
const trees: Arbitrary<Readonly<Record<string, string | null>>> = dictionary(
  constantFrom(
    ...NAMES.flatMap((a) => [`/${a}`, ...NAMES.flatMap((b) => [`/${a}/${b}`, `/${a}/${b}/a`])]),
  ),
  constantFrom(...DATA),
  { maxKeys: 30 },
);

async function makeTree(
  zk: ZooKeeper,
  root: string,
  tree: Readonly<Record<string, string | null>>,
): Promise<void> {
  const paths = new Set([""]);
  for (const path of Object.keys(tree)) {
    for (let end = path.length; end > 0; end = path.lastIndexOf("/", end - 1)) {
      paths.add(path.slice(0, end));
    }
  }
  for (const path of [...paths].toSorted(compareInTree)) {
    await zk.create(root + path, tree[path] ?? null);
  }
}

test("[SH20] whatever the trees are, the target is the source afterwards, by file or not", async () => {
  const harness = new ShellHarness();
  const zk = harness.client();
  let number = 0;
  const becomesTheSame = asyncProperty(
    trees,
    trees,
    constantFrom("", ".json", ".tar"),
    async (source, target, extension) => {
      number += 1;
      const [from, to] = [`/from${number}`, `/to${number}`];
      await makeTree(zk, from, source);
      await makeTree(zk, to, target);
      const file = newFile(extension);
      if (extension !== "") await harness.runOnce(["mirror", from, file]);
      const last = extension === "" ? from : file;
      expect(await harness.runOnce(["mirror", "--delete", last, to])).toBe(0);
      expect(await copyOf(zk, to)).toEqual(await copyOf(zk, from));
      expect(await harness.runOnce(["diff", from, to])).toBe(0);
      expect(await harness.runOnce(["mirror", "--delete", last, to])).toBe(0);
      expect(harness.err).toMatch(/^created 0, changed 0, deleted 0, unchanged \d+\n$/);
    },
  );
  await assert(becomesTheSame, { numRuns: 30 });
});

test("[SH20] a tree is read no further ahead than a little, whatever its size", async () => {
  const harness = new ShellHarness();
  const zk = harness.client();
  await zk.create("/large");
  for (let start = 0; start < 5_000; start += 1_000) {
    const some = zk.transaction();
    for (let n = start; n < start + 1_000; n += 1) some.create(`/large/n${n}`, "x");
    await some.commit();
  }
  let asked = 0;
  const counting = new Proxy(zk, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      if (name === "exists" || name === "get") asked += 1;
      return value.bind(target) as unknown;
    },
  });
  const options = { withAcl: false, withEphemerals: false, onLeftOut: () => undefined };
  const nodes = readTree(counting, "/large", { ...options, signal: new AbortController().signal });
  await nodes.next();
  expect(asked).toBeLessThan(2_000);
  await nodes.return();
});
