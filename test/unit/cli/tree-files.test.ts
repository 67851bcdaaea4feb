import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { buffer } from "node:stream/consumers";
import { pack } from "tar-stream";
import { beforeEach, describe, expect, it, test } from "vitest";
import type { ZooKeeper } from "../../../src/client/index.ts";
import { ShellHarness } from "./shell-harness.ts";
import { copyOf, makeNastyTree, newFile } from "./trees.ts";

let harness: ShellHarness;
let zk: ZooKeeper;

beforeEach(() => {
  harness = new ShellHarness();
  zk = harness.client();
});

/** @returns what it printed, with its exit code */
async function run(...words: readonly string[]): Promise<string> {
  const exitCode = await harness.runOnce(words);
  return `${harness.out}${harness.err}=${exitCode}`;
}

describe.each([".json", ".tar"])("a tree in a file %s", (extension) => {
  it("[SH25] comes back exactly as it was, and is no different from it", async () => {
    const file = newFile(extension);
    await makeNastyTree(zk, "/nasty");
    expect(await run("mirror", "/nasty", file)).toBe(`wrote 21 znodes to ${file}\n=0`);
    expect(await run("diff", "/nasty", file)).toBe("=0");
    await run("mirror", file, "/back");
    expect(await copyOf(zk, "/back")).toEqual(await copyOf(zk, "/nasty"));
  });

  it("[SH25] without ACLs it leaves those of the target as they are", async () => {
    const file = newFile(extension);
    await makeNastyTree(zk, "/nasty");
    await run("mirror", "--no-acl", "/nasty", file);
    expect(await run("mirror", file, "/nasty")).toContain("unchanged 21");
    await run("mirror", file, "/back");
    expect(await run("getAcl", "-o", "raw", "/back/acl")).toBe("world:anyone:cdrwa\n=0");
  });

  it("[SH25] is the same for the same tree", async () => {
    const [one, two] = [newFile(extension), newFile(extension)];
    await makeNastyTree(zk, "/nasty");
    await run("mirror", "/nasty", one);
    await run("mirror", "/nasty", two);
    expect(readFileSync(one).equals(readFileSync(two))).toBe(true);
  });

  it("[SH25] goes from one format to the other", async () => {
    const [one, tar, two] = [newFile(extension), newFile(".tar"), newFile(extension)];
    await makeNastyTree(zk, "/nasty");
    await run("mirror", "/nasty", one);
    await run("mirror", one, tar);
    await run("mirror", tar, two);
    expect(await run("diff", one, two)).toBe("=0");
  });

  it("[SH27] stays as it was until the new one is whole", async () => {
    const file = newFile(extension);
    await zk.create("/a", "x");
    await run("mirror", "/a", file);
    const before = readFileSync(file);
    const acl = [{ perms: 16, id: { scheme: "world", id: "anyone" } }];
    await zk.create("/a/closed", "x", { acl });
    expect(await run("mirror", "/a", file)).toBe(
      "edgekeeper: expected to be allowed to read /a/closed\n=1",
    );
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(readdirSync(dirname(file)).filter((name) => name.endsWith(".part"))).toEqual([]);
  });

  it("[SH27] is its user's alone, unless it was there with another mode", async () => {
    const file = newFile(extension);
    await run("mirror", "/", file);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    chmodSync(file, 0o640);
    await run("mirror", "/", file);
    expect(statSync(file).mode & 0o777).toBe(0o640);
  });

  it("[SH27] is not written through a link that lies in wait beside it", async () => {
    const [file, other] = [newFile(extension), newFile(".other")];
    writeFileSync(other, "mine");
    for (const part of [`${file}.part`, `${file}.${process.pid}.part`]) symlinkSync(other, part);
    expect(await run("mirror", "/", file)).toMatch(/=0$/);
    expect(readFileSync(other, "utf8")).toBe("mine");
    rmSync(`${file}.part`);
  });

  it("[SH27] cut off it changes nothing", async () => {
    const file = newFile(extension);
    await makeNastyTree(zk, "/nasty");
    await run("mirror", "/nasty", file);
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.subarray(0, bytes.length / 2));
    expect(await run("mirror", file, "/back")).toMatch(/^edgekeeper: expected .*=1$/s);
    expect(await zk.exists("/back")).toBeUndefined();
  });

  it("[SH34] a dry run writes no file", async () => {
    const file = newFile(extension);
    await zk.create("/a", "x");
    expect(await run("mirror", "--dry-run", "/a", file)).toBe(`would write 1 znode to ${file}\n=0`);
    expect(existsSync(file)).toBe(false);
  });
});

const HEAD = '{"format":"edgekeeper tree","version":1,"acl":true,"znodes":[';

describe("JSON", () => {
  it("[SH25] has a line for each znode", async () => {
    const file = newFile(".json");
    await zk.create("/a", null);
    await zk.create("/a/text", "x");
    await zk.create("/a/bytes", Uint8Array.of(255));
    await zk.create("/a/text/r", "", {
      acl: [{ perms: 1, id: { scheme: "world", id: "anyone" } }],
    });
    await run("mirror", "/a", file);
    expect(readFileSync(file, "utf8").split("\n")).toEqual([
      HEAD,
      '{"path":"/","data":null},',
      '{"path":"/bytes","base64":"/w=="},',
      '{"path":"/text","data":"x"},',
      '{"path":"/text/r","data":"","acl":[{"scheme":"world","id":"anyone","perms":"r"}]}',
      "]}",
      "",
    ]);
  });

  it("[SH25] laid out by others, and in any order, it is read as well", async () => {
    const file = newFile(".json");
    await makeNastyTree(zk, "/nasty");
    await run("mirror", "/nasty", file);
    const value = JSON.parse(readFileSync(file, "utf8")) as { znodes: unknown[] };
    writeFileSync(file, JSON.stringify({ ...value, znodes: value.znodes.toReversed() }, null, 2));
    expect(await run("diff", "/nasty", file)).toBe("=0");
  });

  it("[SH25] goes to standard output", async () => {
    await zk.create("/a", "x");
    expect(await run("mirror", "/a", "-")).toBe(
      `${HEAD}\n{"path":"/","data":"x"}\n]}\nwrote 1 znode to standard output\n=0`,
    );
  });

  it("[SH25] containers and TTLs become what they were", async () => {
    const file = newFile(".json");
    writeFileSync(
      file,
      `${HEAD}\n{"path":"/","data":""},\n{"path":"/c","kind":"CONTAINER"},\n` +
        `{"path":"/t","kind":"TTL","ttlMs":60000}\n]}\n`,
    );
    await run("mirror", file, "/back");
    await harness.clock.advance(61_000);
    harness.service.tick();
    expect(await zk.exists("/back/c")).toBeDefined();
    expect(await zk.exists("/back/t")).toBeUndefined();
  });

  test.each([
    ["", "expected a tree in FILE, saw an empty file"],
    ["{}", "expected a tree that mirror wrote in FILE, saw something else"],
    ["{", "expected JSON in FILE, saw: "],
    [`${HEAD}\n{"path":"/a"\n]}`, "expected JSON in FILE, line 2, saw: "],
    [`${HEAD.replace("1", "2")}\n]}`, "expected version 1 in FILE, saw 2"],
    [
      `${HEAD}\n{"path":"a"}\n]}`,
      'expected a path in FILE, line 2, saw "a": path must start with /',
    ],
    [
      `${HEAD}\n{"path":"/a","data":1}\n]}`,
      "expected data as text or null in FILE, line 2, saw number",
    ],
    [`${HEAD}\n{"path":"/a","base64":"?"}\n]}`, 'expected base64 in FILE, line 2, saw "?"'],
    [
      `${HEAD}\n{"path":"/a","kind":"X"}\n]}`,
      "expected a kind of PERSISTENT, CONTAINER or TTL in FILE",
    ],
    [
      `${HEAD}\n{"path":"/a","ttlMs":5}\n]}`,
      "expected ttlMs with the kind TTL in FILE, line 2, saw 5",
    ],
    [`${HEAD}\n{"path":"/a","acl":"r"}\n]}`, "expected the ACL of FILE, line 2 to be a list of"],
    [`${HEAD}\n{"path":"/a"},\n{"path":"/a"}\n]}`, "expected each path once in FILE, saw /a twice"],
    [`${HEAD}\n{"path":"/a/b"}\n]}`, "expected /a in FILE, since it has /a/b"],
  ])("[SH27] %j is refused by what is wrong with it", async (text, told) => {
    const file = newFile(".json");
    writeFileSync(file, text);
    const printed = await run("mirror", file, "/back");
    expect(printed.replaceAll(file, "FILE")).toContain(`edgekeeper: ${told}`);
    expect(printed).toMatch(/=1$/);
    expect(await zk.exists("/back")).toBeUndefined();
  });

  it("[SH27] a file that is not there is named", async () => {
    expect(await run("mirror", "/no/such.json", "/back")).toContain(
      "expected /no/such.json to be readable, saw: ENOENT",
    );
    expect(await run("mirror", "/", "/no/such.json")).toContain(
      "expected /no/such.json to be writable, saw: ENOENT",
    );
  });
});

describe("tar", () => {
  it.each([
    ["TTL", "soon", "expected ttlMs with the kind TTL in ./t of FILE, saw null"],
    ["TTL", "0", "expected ttlMs with the kind TTL in ./t of FILE, saw 0"],
    ["EPHEMERAL", "0", "expected a kind of PERSISTENT, CONTAINER or TTL in ./t of FILE"],
  ])("[SH27] a znode of kind %s with ttlMs %s changes nothing", async (kind, ttlMs, told) => {
    const file = newFile(".tar");
    const archive = pack();
    archive.entry({ name: "./a" }, "x");
    const pax = { "EDGEKEEPER.kind": kind, "EDGEKEEPER.ttlMs": ttlMs };
    archive.entry({ name: "./t", pax }, "x");
    archive.finalize();
    writeFileSync(file, await buffer(archive as AsyncIterable<Buffer>));
    expect((await run("mirror", file, "/back")).replaceAll(file, "FILE")).toContain(told);
    expect(await zk.exists("/back")).toBeUndefined();
  });

  it("[SH26] is a folder for tar: data are files, in @data where there are children", async () => {
    const [file, folder] = [newFile(".tar"), newFile("")];
    await zk.create("/a", null);
    await zk.create("/a/both", "data");
    await zk.create("/a/both/child", "c");
    await zk.create("/a/@x", "at");
    await run("mirror", "/a", file);
    mkdirSync(folder);
    execFileSync("tar", ["xf", file, "-C", folder], { stdio: "pipe" });
    expect(readFileSync(join(folder, "both", "@data"), "utf8")).toBe("data");
    expect(readFileSync(join(folder, "both", "child"), "utf8")).toBe("c");
    expect(readFileSync(join(folder, "@@x"), "utf8")).toBe("at");
  });

  it("[SH26] an archive of anybody's files becomes a tree, in any order", async () => {
    const [file, folder] = [newFile(".tar"), newFile("")];
    mkdirSync(join(folder, "sub"), { recursive: true });
    writeFileSync(join(folder, "b"), "B");
    writeFileSync(join(folder, "a"), "A");
    writeFileSync(join(folder, "sub", ".hidden"), "H");
    execFileSync("tar", ["cf", file, "-C", folder, "sub", "b", "a"]);
    expect(await run("mirror", file, "/back")).toContain("created 4,");
    expect((await zk.get("/back/sub/.hidden")).text).toBe("H");
    expect((await zk.get("/back/sub")).data).toBeNull();
    expect((await zk.get("/back/a")).text).toBe("A");
  });

  it("[SH26] unpacked, edited and packed again it is the same tree, without ACLs", async () => {
    const [file, folder] = [newFile(".tar"), newFile("")];
    await zk.create("/a", "root");
    await zk.create("/a/both", "data");
    await zk.create("/a/both/@x", "at");
    await zk.create("/a/both/zzz", "z");
    await run("mirror", "/a", file);
    mkdirSync(folder);
    execFileSync("tar", ["xf", file, "-C", folder], { stdio: "pipe" });
    writeFileSync(join(folder, "both", "@data"), "edited");
    // Its data comes last, as in a folder that has no order.
    const both = ["both/zzz", "both/@@x", "both/@data"];
    execFileSync("tar", [
      "cf",
      file,
      "--no-recursion",
      "-C",
      folder,
      ".",
      "both",
      ...both,
      "@data",
    ]);
    expect(await run("mirror", file, "/a")).toContain("changed 1, deleted 0, unchanged 3");
    expect((await zk.get("/a/both")).text).toBe("edited");
  });

  it("[SH27] what can be no znode is refused", async () => {
    const [file, folder] = [newFile(".tar"), newFile("")];
    mkdirSync(folder);
    writeFileSync(join(folder, "large"), new Uint8Array(1_100_000));
    execFileSync("tar", ["cf", file, "-C", folder, "large"]);
    expect(await run("mirror", file, "/back")).toContain(
      "expected at most 1048575 bytes for a znode, saw 1100000 in large",
    );
    execFileSync("ln", ["-s", "large", join(folder, "link")]);
    execFileSync("tar", ["cf", file, "-C", folder, "link"]);
    expect(await run("mirror", file, "/back")).toContain("saw link: symlink");
    writeFileSync(file, "no archive at all".repeat(100));
    expect(await run("mirror", file, "/back")).toContain("expected a tree as JSON or tar in");
    expect(await zk.exists("/back")).toBeUndefined();
  });
});

test.each([
  [
    ["mirror", "zoo1/app", "/x"],
    "expected a URL, host:port/path, /path, a file .json or .tar, or -, saw zoo1/app",
  ],
  [["mirror", "-", "-"], "expected a server or a file beside -, saw - twice"],
  [["mirror", "--watch", "/a", "x.tar"], "expected two servers with --watch, saw a file"],
  [["mirror", "/a/", "/b"], "Path must not end with / character"],
  [["mirror", "http://h/a?b", "/b"], "expected a URL without ? and #, saw http://h/a?b"],
  [["mirror", "/a", "/a/b"], "expected /a/b and /a to be outside of each other"],
])("[SH27] %j is refused", async (words, told) => {
  expect(await run(...words)).toContain(told);
});
