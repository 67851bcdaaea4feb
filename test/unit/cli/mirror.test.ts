import { beforeEach, describe, expect, it, vi } from "vitest";
import type { ZooKeeper } from "../../../src/client/index.ts";
import { Perms } from "../../../src/core/acl.ts";
import { settled } from "../client/fake-clock.ts";
import { ShellHarness } from "./shell-harness.ts";
import { copyOf, makeNastyTree, MIXED_ACL } from "./trees.ts";

let harness: ShellHarness;
let zk: ZooKeeper;

beforeEach(async () => {
  harness = new ShellHarness();
  zk = harness.client();
  await zk.create("/from", "root");
  await zk.create("/from/a", "1");
  await zk.create("/from/a/b", "2");
});

/** @returns what it printed, with its exit code */
async function run(...words: readonly string[]): Promise<string> {
  const exitCode = await harness.runOnce(words);
  return `${harness.out}${harness.err}=${exitCode}`;
}

/** Does something when all was read, and before anything is written. */
async function atFirstCommit<T>(task: (commit: () => Promise<T>) => Promise<T>): Promise<void> {
  const client = await harness.connection.client();
  const transaction = client.transaction.bind(client);
  vi.spyOn(client, "transaction").mockImplementationOnce(() => {
    const first = transaction();
    const commit = first.commit.bind(first);
    Object.assign(first, { commit: () => task(commit as never) });
    return first;
  });
}

describe("mirroring onto a server", () => {
  it("[SH20] makes one tree what another one is, to the byte", async () => {
    await makeNastyTree(zk, "/nasty");
    expect(await run("mirror", "one:1/nasty", "two:2/deep/copy")).toBe(
      "created 21, changed 0, deleted 0, unchanged 0\n=0",
    );
    expect(await copyOf(zk, "/deep/copy")).toEqual(await copyOf(zk, "/nasty"));
  });

  it("[SH20] run again it finds nothing to do, and writes only what differs", async () => {
    await run("mirror", "/from", "/to");
    expect(await run("mirror", "/from", "/to")).toBe(
      "created 0, changed 0, deleted 0, unchanged 3\n=0",
    );
    await zk.set("/from/a", "changed");
    const { mzxid } = (await zk.get("/to/a/b")).stat;
    expect(await run("mirror", "/from", "/to")).toBe(
      "created 0, changed 1, deleted 0, unchanged 2\n=0",
    );
    expect((await zk.get("/to/a")).text).toBe("changed");
    expect((await zk.get("/to/a/b")).stat.mzxid).toBe(mzxid);
  });

  it("[SH20] many znodes go in a few transactions", async () => {
    const large = zk.transaction();
    for (let n = 0; n < 3_000; n += 1) large.create(`/from/a/n${n}`, "x");
    await large.commit();
    await run("mirror", "/from", "/to");
    const zxids = new Set<number>();
    for (let n = 0; n < 3_000; n += 1) zxids.add((await zk.get(`/to/a/n${n}`)).stat.czxid);
    expect(zxids.size).toBe(7);
  });

  it("[SH20] data that fills a transaction gets one of its own", async () => {
    for (const name of ["p", "q", "r"]) await zk.create(`/from/${name}`, new Uint8Array(500_000));
    expect(await run("mirror", "/from", "/to")).toMatch(/^created 6,/);
    expect(await copyOf(zk, "/to")).toEqual(await copyOf(zk, "/from"));
  });

  it("[SH20] counts are for programs, too", async () => {
    await run("mirror", "-o", "json", "/from", "/to");
    expect(JSON.parse(harness.out)).toEqual({
      created: 3,
      changed: 0,
      deleted: 0,
      unchanged: 0,
      kept: 0,
      refused: 0,
      hidden: 0,
      ephemerals: 0,
    });
  });

  it("[SH22] what only the target has stays, and goes with --delete", async () => {
    await run("mirror", "/from", "/to");
    await zk.create("/to/a/b/extra", "x");
    await zk.create("/to/a/b/extra/deep", "x");
    await zk.create("/to/z", "x");
    expect(await run("mirror", "/from", "/to")).toBe(
      "created 0, changed 0, deleted 0, unchanged 3\n" +
        "kept 3 that the source does not have (see --delete)\n=0",
    );
    expect(await run("mirror", "--delete", "/from", "/to")).toBe(
      "created 0, changed 0, deleted 3, unchanged 3\n=0",
    );
    expect(await copyOf(zk, "/to")).toEqual(await copyOf(zk, "/from"));
  });

  it("[SH23] ephemerals are left out, or become persistent", async () => {
    await zk.create("/from/e", "x", { ephemeral: true });
    expect(await run("mirror", "/from", "/to")).toContain("left out: 1 ephemeral\n");
    expect(await run("mirror", "--include-ephemeral", "/from", "/to")).toContain("created 1,");
    expect((await zk.get("/to/e")).stat.ephemeralOwner).toBe(0n);
  });

  it("[SH23] ephemerals of the target are somebody's, also with --delete", async () => {
    await run("mirror", "/from", "/to");
    await zk.create("/to/e", "x", { ephemeral: true });
    expect(await run("mirror", "--delete", "/from", "/to")).toContain("deleted 0,");
    expect(await zk.exists("/to/e")).toBeDefined();
  });

  it("[SH23] the service's own znodes are left out, and no place for a copy", async () => {
    await harness.run("setquota -n 10 /from");
    expect(await run("mirror", "/", "/to")).toContain(
      "expected /to and / to be outside of each other",
    );
    expect(await run("mirror", "one:1/", "two:2/to")).toContain("left out: /zookeeper\n");
    expect(await zk.exists("/to/zookeeper")).toBeUndefined();
    expect(await run("mirror", "/from", "/zookeeper/quota/x")).toBe(
      "edgekeeper: expected a path outside of /zookeeper, saw /zookeeper/quota/x\n=1",
    );
  });

  it("[SH24] ACLs are mirrored, or left as they are with --no-acl", async () => {
    await zk.setACL("/from/a", MIXED_ACL.acl ?? []);
    await run("mirror", "--no-acl", "/from", "/to");
    expect(await run("getAcl", "-o", "raw", "/to/a")).toBe("world:anyone:cdrwa\n=0");
    expect(await run("mirror", "/from", "/to")).toContain("changed 1,");
    expect((await zk.getACL("/to/a")).acl).toEqual(MIXED_ACL.acl);
  });

  it("[SH24] an ACL whose digests are hidden is not written as if it were whole", async () => {
    const [bob] = MIXED_ACL.acl ?? [];
    const reader = { perms: Perms.READ, id: { scheme: "world", id: "anyone" } };
    await zk.create("/from/secret", "x", { acl: bob === undefined ? [] : [bob, reader] });
    expect(await run("mirror", "/from", "/to")).toContain(
      "expected to see the digests in the ACL of /from/secret, saw them hidden",
    );
    expect(await run("mirror", "--no-acl", "/from", "/to")).toMatch(/=0$/);
  });

  it("[SH39] what may not be read is told, and neither copied nor deleted", async () => {
    await run("mirror", "/from", "/to");
    await zk.create("/to/a/closed", "x");
    await zk.create("/to/a/closed/below", "x");
    const nobody = [{ perms: Perms.WRITE | Perms.ADMIN, id: { scheme: "world", id: "anyone" } }];
    await zk.create("/from/a/closed", "x", { acl: nobody });
    expect(await run("mirror", "--delete", "/from", "/to")).toBe(
      "may not be read: /from/a/closed\ncreated 0, changed 0, deleted 0, unchanged 3\n" +
        "edgekeeper: 1 subtree may not be read\n=1",
    );
    expect(await zk.exists("/to/a/closed/below")).toBeDefined();
  });

  it("[SH20] a source that does not exist changes nothing", async () => {
    await run("mirror", "/from", "/to");
    expect(await run("mirror", "--delete", "/nothing", "/to")).toBe(
      "Node does not exist: /nothing\n=1",
    );
    expect(await zk.exists("/to/a/b")).toBeDefined();
  });
});

describe("with others at work", () => {
  it("[SH21] a change that came in between is not overwritten, and the rest is done", async () => {
    await run("mirror", "/from", "/to");
    await zk.set("/from/a", "new");
    await zk.set("/from/a/b", "new");
    await atFirstCommit(async (commit) => {
      await zk.set("/to/a", "somebody's");
      return commit();
    });
    expect(await run("mirror", "/from", "/to")).toBe(
      "refused: set /to/a: version No is not valid : /to/a\n" +
        "created 0, changed 1, deleted 0, unchanged 1\n" +
        "edgekeeper: 1 znode refused: run it again\n=1",
    );
    expect((await zk.get("/to/a")).text).toBe("somebody's");
    expect((await zk.get("/to/a/b")).text).toBe("new");
    expect(await run("mirror", "/from", "/to")).toContain("changed 1,");
  });

  it("[SH28] a connection that is lost in a write ends nothing: all is compared again", async () => {
    await atFirstCommit(async (commit) => {
      harness.service.mood = "silent";
      const committing = commit();
      await settled();
      harness.service.mood = "working";
      harness.service.cut();
      return committing;
    });
    let isOver = false;
    const running = run("mirror", "/from", "/to").finally(() => (isOver = true));
    while (!isOver) await harness.clock.advance(100);
    expect(await running).toBe(
      "the connection was lost: comparing again\ncreated 3, changed 0, deleted 0, unchanged 0\n=0",
    );
  });
});

describe("following", () => {
  it("[SH29] --watch carries every change over, until a signal", async () => {
    const interruption = new AbortController();
    const running = harness.runOnce(
      ["mirror", "--watch", "--delete", "/from", "/to"],
      interruption.signal,
    );
    const followed = async (path: string, text: string | undefined): Promise<void> => {
      await expect
        .poll(async () => {
          await settled();
          return (await zk.exists(path)) === undefined ? undefined : (await zk.get(path)).text;
        })
        .toBe(text);
    };
    await followed("/to/a/b", "2");
    await zk.set("/from/a/b", "changed");
    await followed("/to/a/b", "changed");
    await zk.create("/from/new", "x");
    await zk.create("/from/new/below", "y");
    await followed("/to/new/below", "y");
    await zk.transaction().delete("/from/a/b").delete("/from/a").commit();
    await followed("/to/a", undefined);
    interruption.abort();
    expect(await running).toBe(130);
    expect(await copyOf(zk, "/to")).toEqual(await copyOf(zk, "/from"));
  });

  it("[SH29] what happens without a connection is found when it is back", async () => {
    const interruption = new AbortController();
    const running = harness.runOnce(
      ["mirror", "--watch", "one:1/from", "two:2/to"],
      interruption.signal,
    );
    const other = harness.client();
    await expect.poll(() => other.exists("/to/a/b")).toBeDefined();
    await settled();
    harness.service.cut();
    const writing = other.set("/from/a/b", "meanwhile").catch(() => undefined);
    await harness.clock.advance(3_000);
    await writing;
    await expect.poll(async () => (await other.get("/to/a/b")).text).toBe("meanwhile");
    interruption.abort();
    expect(await running).toBe(130);
  });
});
