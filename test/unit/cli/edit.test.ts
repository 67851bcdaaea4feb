import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ZooKeeper } from "../../../src/client/index.ts";
import { ShellHarness } from "./shell-harness.ts";
import { newFile } from "./trees.ts";

let harness: ShellHarness;
let zk: ZooKeeper;

beforeEach(async () => {
  harness = new ShellHarness();
  zk = harness.client();
  await zk.create("/config", "one");
});

afterEach(() => {
  vi.unstubAllEnvs();
  const kept = keptFile();
  if (kept !== "") rmSync(dirname(kept), { recursive: true });
});

/**
 * Makes the editor a program that has the file in `file`, and its text in `text`.
 *
 * @returns where the program writes the file's name
 */
function editWith(program: string): string {
  const [script, seen] = [newFile(".mjs"), newFile(".txt")];
  const lines = [
    'import { readFileSync, writeFileSync } from "node:fs";',
    "const file = process.argv[2];",
    `writeFileSync(${JSON.stringify(seen)}, file);`,
    'const text = readFileSync(file, "utf8");',
    program,
  ];
  writeFileSync(script, lines.join("\n"));
  vi.stubEnv("VISUAL", undefined);
  vi.stubEnv("EDITOR", `${process.execPath} ${script}`);
  return seen;
}

/** @returns what it printed, with its exit code */
async function run(...words: readonly string[]): Promise<string> {
  const exitCode = await harness.runOnce(words);
  return `${harness.out}${harness.err}=${exitCode}`;
}

/** The file that holds what was not written. */
function keptFile(): string {
  return /your text is in (.*)\n/.exec(harness.err)?.[1] ?? "";
}

describe("edit", () => {
  it("[SH31] writes what the editor saved, in a file with the znode's name", async () => {
    const seen = editWith('writeFileSync(file, text + " and more");');
    expect(await run("edit", "/config")).toBe("Changed /config\n=0");
    expect((await zk.get("/config")).text).toBe("one and more");
    const file = readFileSync(seen, "utf8");
    expect(file).toMatch(/\/config$/);
    expect(existsSync(file)).toBe(false);
  });

  it("[SH31] VISUAL comes before EDITOR", async () => {
    editWith("process.exit(1);");
    vi.stubEnv("VISUAL", "true");
    expect(await run("edit", "/config")).toBe("unchanged: nothing was written to /config\n=0");
  });

  it("[SH31] the file is nobody else's to read", async () => {
    const mode = newFile(".txt");
    const modes = "[dirname(file), file].map((name) => statSync(name).mode & 0o077)";
    editWith(
      `const { statSync } = await import("node:fs"); const { dirname } = await import("node:path");
      writeFileSync(${JSON.stringify(mode)}, JSON.stringify(${modes}));`,
    );
    await run("edit", "/config");
    expect(readFileSync(mode, "utf8")).toBe("[0,0]");
  });

  it("[SH31] the newline that editors add is none of the data", async () => {
    editWith('writeFileSync(file, "two\\n");');
    await run("edit", "/config");
    expect((await zk.get("/config")).text).toBe("two");
    editWith('writeFileSync(file, text + "\\n");');
    expect(await run("edit", "/config")).toBe("unchanged: nothing was written to /config\n=0");
    await zk.set("/config", "a\n");
    editWith('writeFileSync(file, "b\\n");');
    await run("edit", "/config");
    expect((await zk.get("/config")).text).toBe("b\n");
  });

  it("[SH31] without a change, or with a failure of the editor, nothing is written", async () => {
    const { stat } = await zk.get("/config");
    editWith("");
    expect(await run("edit", "/config")).toBe("unchanged: nothing was written to /config\n=0");
    editWith("process.exit(3);");
    expect(await run("edit", "/config")).toMatch(/nothing was written: .* ended with 3\n=1$/);
    vi.stubEnv("EDITOR", "/no/such/editor");
    expect(await run("edit", "/config")).toContain("expected /no/such/editor to start");
    expect((await zk.get("/config")).stat).toEqual(stat);
  });

  it("[SH32] a change in between is not overwritten, and the text is kept", async () => {
    const main = await harness.connection.client();
    const get = main.get.bind(main);
    vi.spyOn(main, "get").mockImplementationOnce(async (path) => {
      const znode = await get(path);
      await zk.set("/config", "somebody's");
      return znode;
    });
    editWith('writeFileSync(file, "mine");');
    expect(await run("edit", "/config")).toMatch(
      /^your text is in .*\nedgekeeper: \/config was changed by somebody else meanwhile: nothing was written\n=1$/,
    );
    expect((await zk.get("/config")).text).toBe("somebody's");
    expect(readFileSync(keptFile(), "utf8")).toBe("mine");
  });

  it("[SH32] whatever goes wrong behind it, the text is kept", async () => {
    await zk.setACL("/config", [{ perms: 1, id: { scheme: "world", id: "anyone" } }]);
    editWith('writeFileSync(file, "mine");');
    expect(await run("edit", "/config")).toMatch(/Insufficient permission : \/config\n=1$/);
    expect(readFileSync(keptFile(), "utf8")).toBe("mine");
  });

  it("[SH32] text in another encoding is kept, and not written as something else", async () => {
    editWith('writeFileSync(file, Buffer.from("caf\\u00e9", "latin1"));');
    expect(await run("edit", "/config")).toMatch(
      /^your text is in .*\nedgekeeper: expected .* in UTF-8, saw bytes that are none\n=1$/,
    );
    expect(readFileSync(keptFile(), "latin1")).toBe("caf\u00e9");
    expect((await zk.get("/config")).text).toBe("one");
  });

  it("[SH32] an editor that leaves no file behind writes nothing", async () => {
    editWith('(await import("node:fs")).rmSync(file);');
    expect(await run("edit", "/config")).toMatch(
      /^edgekeeper: expected the editor to leave .* there, saw: ENOENT.*\n=1$/,
    );
    expect((await zk.get("/config")).text).toBe("one");
  });

  it("[SH33] creates with --create, if something was written", async () => {
    editWith('writeFileSync(file, "new");');
    expect(await run("edit", "/new")).toBe("Node does not exist: /new\n=1");
    expect(await run("edit", "--create", "/new")).toBe("Created /new\n=0");
    expect((await zk.get("/new")).text).toBe("new");
    editWith("");
    await run("edit", "--create", "/empty");
    expect(await zk.exists("/empty")).toBeUndefined();
  });

  it("[SH33] refuses what is no text, unless it is wanted as --hex", async () => {
    await zk.set("/config", Uint8Array.of(255, 0, 16));
    editWith('writeFileSync(file, text.replace("10", "11 12"));');
    expect(await run("edit", "/config")).toBe(
      "edgekeeper: expected text, saw 3 bytes that are none: use --hex\n=1",
    );
    expect(await run("edit", "--hex", "/config")).toBe("Changed /config\n=0");
    expect((await zk.get("/config")).data).toEqual(Uint8Array.of(255, 0, 17, 18));
  });

  it("[SH33] what is no hex is kept, not written", async () => {
    editWith('writeFileSync(file, "0g");');
    expect(await run("edit", "--hex", "/config")).toContain(
      "expected pairs of hexadecimal digits, saw something else\n=1",
    );
    expect(readFileSync(keptFile(), "utf8")).toBe("0g");
  });
});
