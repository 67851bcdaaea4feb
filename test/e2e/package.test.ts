import { readdir, readFile } from "node:fs/promises";
import { builtinModules } from "node:module";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { moduleGraph } from "../../scripts/build/module-graph.ts";
import { bundle, measureSizes } from "../../scripts/build/sizes.ts";
import { VERSION } from "../../src/protocol/version.ts";
import { cleanUp } from "./clean-up.ts";
import { buildElsewhere, installPackage, type Project } from "./installed-package.ts";

const ROOT = join(import.meta.dirname, "../..");

/** What programs may weigh in browsers, gzipped, bytes: a tenth more than they do. */
const GZIP_MAX: Readonly<Record<string, number>> = {
  "get and set": 15_200,
  "a lock": 18_700,
  "the whole client": 15_700,
  "the client and all recipes": 26_000,
};

/** What a project of its own would install to be compiled. */
const TYPES = ["@types/node", "undici-types", "@cloudflare/workers-types"];

let built: string;
let project: Project;

beforeAll(async () => {
  built = await buildElsewhere();
  project = await installPackage(built);
  for (const types of TYPES) await project.link(types);
});

afterAll(cleanUp);

/** Every file below a folder, with its text. */
async function filesBelow(folder: string): Promise<ReadonlyMap<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((e) => join(e.parentPath, e.name));
  const texts = await Promise.all(paths.map((path) => readFile(path, "utf8")));
  return new Map(paths.map((path, index) => [path.slice(folder.length), texts[index] ?? ""]));
}

async function rootManifest(): Promise<{ readonly exports: Readonly<Record<string, string>> }> {
  return JSON.parse(await readFile(join(ROOT, "package.json"), "utf8"));
}

it("[PK1] every entry of the repository is one of the package, and there is no other way in", async () => {
  const { exports } = await rootManifest();
  expect(Object.keys(project.manifest.exports)).toEqual(Object.keys(exports));
  await project.write(
    "inside.js",
    'import("edgekeeper/core/path.js").catch(({ code }) => console.log(code));',
  );
  expect(await project.run("node", ["inside.js"])).toBe("ERR_PACKAGE_PATH_NOT_EXPORTED\n");
});

/** As strict as a project may be; libraries are checked, too. */
const STRICT = {
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  noPropertyAccessFromIndexSignature: true,
  verbatimModuleSyntax: true,
  isolatedModules: true,
  skipLibCheck: false,
  target: "es2022",
};

const CONSUMER = `
import { Code, isKeeperError, type Stat, ZooKeeper, type ClientOptions } from "edgekeeper";
import type { Watcher } from "edgekeeper/client";
import { tcpDial } from "edgekeeper/client/tcp";
import { ConfigStore, FencingGuard, type Hold, Lock } from "edgekeeper/recipes";

const options: ClientOptions = { dial: tcpDial, sessionTimeoutMs: 10_000 };
// A port that nobody listens on: connecting goes on until the client is closed.
await using zk = new ZooKeeper("127.0.0.1:1", options);
const watcher: Watcher = ({ type }) => console.log(type);
const asking: Promise<Stat | undefined> = zk.exists("/a", { watch: watcher });
const lock = new Lock(zk, "/locks/a");
const work = (held: Hold): Promise<number> => Promise.resolve(held.token);
const store: ConfigStore<string> = new ConfigStore(zk, "/config", { parse: String });
const guard = new FencingGuard(17);
guard.check(18);
// @ts-expect-error: a path is a text.
const wrong = (): unknown => zk.get(17);
const told: unknown[] = [guard.highest, lock.path, store.current, zk.state, work.length, wrong.length];
await zk.close();
await asking.catch((error: unknown) => told.push(isKeeperError(error, Code.CONNECTIONLOSS)));
console.log(JSON.stringify(told));
`;

const BUNDLED = { moduleResolution: "bundler", module: "esnext" };
const OF_NODE = { moduleResolution: "nodenext", module: "nodenext" };

it.each([
  { where: "a browser", ...BUNDLED, lib: ["es2022", "dom"], types: [] },
  { where: "a Worker", ...BUNDLED, lib: ["es2022"], types: ["@cloudflare/workers-types"] },
  { where: "Node", ...OF_NODE, lib: ["es2022"], types: ["node"] },
  { where: "Node without its types", ...OF_NODE, lib: ["es2022", "dom"], types: [] },
])("[PK2] a strict program compiles against it, and runs: $where", async ({ where, ...place }) => {
  const outDir = where.replaceAll(" ", "-");
  const compilerOptions = { ...STRICT, ...place, outDir };
  await project.write("package.json", '{ "type": "module" }');
  const entries = Object.keys(project.manifest.exports);
  // Whatever is declared is checked once it is imported.
  const all = entries.map((entry) => `export type * from "edgekeeper${entry.slice(1)}";\n`);
  await project.write("consumer.ts", CONSUMER);
  await project.write("entries.ts", all.join(""));
  await project.write(
    "tsconfig.json",
    JSON.stringify({ compilerOptions, files: ["consumer.ts", "entries.ts"] }),
  );
  await project.run(join(ROOT, "node_modules/.bin/tsc"), ["-p", "."]);
  const printed = await project.run("node", [join(outDir, "consumer.js")]);
  expect(printed).toBe('[18,"/locks/a",null,"connecting",1,0,true]\n');
});

it("[PK3] the command runs from where the package was unpacked", async () => {
  const command = join(project.folder, "node_modules/.bin/edgekeeper");
  expect(await project.run(command, ["--version"])).toBe(`${VERSION}\n`);
  expect(project.manifest.version).toBe(VERSION);
});

it("[PK4] it depends on what its modules import, and entries on nothing but themselves", async () => {
  const { manifest } = project;
  const files = [...(await filesBelow(built)).keys()];
  // The Worker of `edgekeeper serve` brings all it needs.
  const code = files.filter((file) => file.endsWith(".js") && !file.startsWith("/worker/"));
  const { packages } = moduleGraph(built, code);
  const needed = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies });
  expect(needed.toSorted()).toEqual([...packages].toSorted());
  const entries = Object.values(manifest.exports).flatMap((entry) => [entry.default, entry.types]);
  expect([...moduleGraph(built, entries).packages]).toEqual([]);
});

it("[PK5] no bundle for browsers has an import left, of Node least of all", async () => {
  const entries = Object.keys(project.manifest.exports).filter((entry) => entry !== "./client/tcp");
  for (const entry of entries) {
    const program = `export * from "edgekeeper${entry.slice(1)}";`;
    // A module of Node in it would be refused by the bundler.
    const code = new TextDecoder().decode(await bundle(built, program));
    expect(code).not.toMatch(/\b(?:import|require)\s*\(?\s*["']|\bfrom\s*["']/);
    expect(builtinModules.filter((name) => code.includes(`"node:${name}"`))).toEqual([]);
  }
});

it("[PK5] what is for Node alone is refused by a bundler for browsers", async () => {
  const program = 'export { tcpDial } from "edgekeeper/client/tcp";';
  await expect(bundle(built, program)).rejects.toThrow('Could not resolve "node:net"');
});

it("[PK6] a bundle holds the recipes that are used, and no other", async () => {
  const text = async (program: string): Promise<string> =>
    new TextDecoder().decode(await bundle(built, program));
  const lock = await text('export { Lock } from "edgekeeper/recipes";');
  const registry = await text('export { ServiceRegistry } from "edgekeeper/recipes";');
  // Texts and names of znodes that one recipe alone has.
  const ofLock = ["__READ__", "_c_"];
  const ofOthers = ["expected an instance", "latch-", "lease-", "entry-", "expected a counter"];
  expect(ofLock.filter((part) => !lock.includes(part))).toEqual([]);
  expect(ofOthers.filter((part) => lock.includes(part))).toEqual([]);
  expect(registry).toContain("expected an instance");
  expect(ofLock.filter((part) => registry.includes(part))).toEqual([]);
});

it("[PK6] whoever imports a recipe and makes no client has no client", async () => {
  const lock = await bundle(built, 'export { Lock } from "edgekeeper/recipes";');
  expect(new TextDecoder().decode(lock)).not.toContain("WebSocket");
});

it("[PK7] programs weigh no more than their budgets", async () => {
  const sizes = await measureSizes(built);
  expect(sizes.map(({ program }) => program)).toEqual(Object.keys(GZIP_MAX));
  const tooLarge = sizes.filter(({ program, gzip }) => gzip > (GZIP_MAX[program] ?? 0));
  expect(tooLarge).toEqual([]);
});

it("[PK7] the README says what they weigh, to a kilobyte", async () => {
  const readme = await readFile(join(ROOT, "README.md"), "utf8");
  const rows = readme.split("\n").filter((line) => line.startsWith("| `edgekeeper"));
  const stated = [...rows.join("").matchAll(/(\d+) kB/g)].map(([, kilobytes]) => Number(kilobytes));
  const sizes = await measureSizes(built);
  const weighed = ["the whole client", "a lock", "the client and all recipes"].map(
    (name) => (sizes.find(({ program }) => program === name)?.gzip ?? 0) / 1_000,
  );
  expect(stated).toHaveLength(weighed.length);
  const differences = stated.map((kilobytes, index) => kilobytes - (weighed[index] ?? 0));
  expect(differences.filter((difference) => Math.abs(difference) > 1)).toEqual([]);
});

it("[PK10] the same sources make the same files", async () => {
  expect(await filesBelow(await buildElsewhere())).toEqual(await filesBelow(built));
});
