import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CreateOptions, ZooKeeper } from "../../../src/client/index.ts";
import { Perms } from "../../../src/core/acl.ts";

const BOB = { scheme: "digest", id: "bob:ikIaKsbtGweaHnb/jKn7OHqbunM=" };
const ANYONE = { scheme: "world", id: "anyone" };

/** An ACL that needs more than a word, and that lets anybody read and change it. */
export const MIXED_ACL: CreateOptions = {
  acl: [
    { perms: Perms.ALL, id: BOB },
    { perms: Perms.READ | Perms.CREATE | Perms.DELETE | Perms.ADMIN, id: ANYONE },
  ],
};

const LONG = "long".repeat(100);

/** All that a copy may get wrong: names, data and no data, ACLs; parents come first. */
const NASTY: readonly (readonly [
  path: string,
  data: string | Uint8Array | null,
  CreateOptions?,
])[] = [
  ["", "of the root"],
  ["/null", null],
  ["/empty", ""],
  ["/both", "data and children"],
  ["/both/child", "c"],
  // Between a znode and what is below it, if a slash were a character like others.
  ["/both-x", "x"],
  ["/both x", "x"],
  ["/null-parent", null],
  ["/null-parent/@data", "a name that files use"],
  ["/null-parent/@@x", "x"],
  ["/ blanks ", " x "],
  ["/..dots", "x"],
  ["/...", "x"],
  ["/日本語", "こんにちは\u2028\u2029next"],
  [`/${LONG}`, "x"],
  [`/${LONG}/${LONG}`, "deep"],
  ["/binary", Uint8Array.of(0, 255, 10, 13, 128)],
  ["/bom", "\uFEFFtext"],
  ["/lines", 'a\nb\r\n"quoted"\\\n'],
  ["/acl", "for some", MIXED_ACL],
  ["/large", new Uint8Array(900_000).fill(7)],
];

/** Makes the tree that is hard to copy. */
export async function makeNastyTree(zk: ZooKeeper, root: string): Promise<void> {
  for (const [path, data, options] of NASTY) await zk.create(root + path, data, options);
}

/** What a copy has to keep of a subtree. */
export async function copyOf(zk: ZooKeeper, root: string): Promise<readonly unknown[]> {
  const { children } = await zk.children(root);
  const [{ data }, { acl }] = await Promise.all([zk.get(root), zk.getACL(root)]);
  const below = [];
  for (const name of children.toSorted()) below.push(name, await copyOf(zk, `${root}/${name}`));
  return [data === null ? null : Buffer.from(data).toString("hex"), acl, below];
}

const folder = mkdtempSync(join(tmpdir(), "edgekeeper-trees-"));
process.once("exit", () => rmSync(folder, { recursive: true }));

/** A file that does not exist. */
export function newFile(extension: string): string {
  return join(folder, `${randomUUID()}${extension}`);
}
