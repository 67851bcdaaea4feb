import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { packageDeclaration } from "../../../scripts/build/declaration.ts";
import { packageManifest, type RootManifest } from "../../../scripts/build/manifest.ts";
import { moduleGraph } from "../../../scripts/build/module-graph.ts";

const ROOT: RootManifest = {
  name: "edgekeeper",
  version: "1.2.3",
  description: "a keeper",
  license: "MIT",
  exports: { ".": "./src/client/index.ts" },
  bin: { edgekeeper: "src/cli/main.ts" },
  dependencies: { commander: "15.1.0", hono: "4.13.19", workerd: "1.2026.0" },
};

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "edgekeeper-graph-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

it("[PK1] an entry leads to a module and its types", () => {
  expect(packageManifest(ROOT, new Set())).toMatchObject({
    exports: { ".": { types: "./client/index.d.ts", default: "./client/index.js" } },
    bin: { edgekeeper: "cli/main.js" },
  });
});

it("[PK1] an entry that is no source stops the build", () => {
  const root = { ...ROOT, exports: { "./a": "./dist/a.js" } };
  expect(() => packageManifest(root, new Set())).toThrow("expected an entry ./src/….ts");
});

it("[PK4] only what is imported is depended on, and workerd may be missing", () => {
  expect(packageManifest(ROOT, new Set(["commander", "workerd"]))).toMatchObject({
    dependencies: { commander: "15.1.0" },
    optionalDependencies: { workerd: "1.2026.0" },
  });
  expect(packageManifest(ROOT, new Set())).toMatchObject({
    dependencies: {},
    optionalDependencies: {},
  });
});

it("[PK4] an import of something that is no dependency stops the build", () => {
  expect(() => packageManifest(ROOT, new Set(["zod"]))).toThrow("dependencies only, saw zod");
});

it("[PK4] imports of every form are followed, and what only looks like one is not", () => {
  write({
    "a/main.js": [
      'import { b } from "../b/b.js";',
      'import "./effect.js";',
      'export * from "@scope/name/deep";',
      'const c = await import("./c.js");',
      'const path = import.meta.resolve("workerd");',
      'import { readFileSync } from "node:fs";',
      '// import "./comment.js";',
      '/** @example import { x } from "docstring"; */',
      'const text = `import "/workerd/workerd.capnp"`;',
      'const mark = Uint8Array.from("mark", (character) => character.charCodeAt(0));',
    ].join("\n"),
    "a/effect.js": 'import fs from "fs";',
    "a/c.js": 'import { a } from "./main.js";',
    "b/b.js": 'import ws from "ws";',
  });
  const { files, packages } = moduleGraph(folder, ["a/main.js"]);
  expect(files).toEqual(["a/c.js", "a/effect.js", "a/main.js", "b/b.js"]);
  expect([...packages].toSorted()).toEqual(["@scope/name", "workerd", "ws"]);
});

it("[PK2] a declaration leads to declarations, and brings the library it needs", () => {
  write({
    "a.d.ts": 'export { b } from "./b.ts";\nexport type C = import("./c.ts").C;',
    "b.d.ts": "export declare const b: AsyncDisposable;",
    "c.d.ts": "export type C = 1;",
  });
  expect(moduleGraph(folder, ["a.d.ts"]).files).toEqual(["a.d.ts", "b.d.ts", "c.d.ts"]);
  expect(packageDeclaration('export { b } from "./b.ts";')).toBe('export { b } from "./b.js";');
  expect(packageDeclaration("export declare const b: AsyncDisposable;")).toBe(
    '/// <reference lib="esnext.disposable" />\nexport declare const b: AsyncDisposable;',
  );
});
