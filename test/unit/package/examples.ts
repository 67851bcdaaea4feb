import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TextFile } from "../../tidy/repository.ts";
import { lineAt } from "../../tidy/code.ts";

/** The code below an `@example`. */
export interface Example {
  /** Where it stands, `src/client/retry.ts:41`. */
  readonly place: string;
  readonly code: string;
}

const ROOT = join(import.meta.dirname, "../../..");
/** Where the package's name means the package itself, so that examples import its real entries. */
const SCRATCH = join(ROOT, ".tsbuild");

const DOCSTRING = /\/\*\*(?:(?!\*\/)[\s\S])*?\*\//g;
const FENCE = /^```ts\n([\s\S]*?)^```$/m;

/** What examples find declared. Whatever else they use they import, by the package's name. */
const DECLARED = `
import type { ZooKeeper } from "edgekeeper/client";
declare global {
  const zk: ZooKeeper;
}
`;

/** Finds all examples. @throws Error for one that is no block of TypeScript. */
export function examplesOf(files: readonly TextFile[]): Example[] {
  return files.flatMap(({ path, text }) =>
    [...text.matchAll(DOCSTRING)].flatMap(({ 0: docstring, index }) => {
      const [, ...examples] = withoutMargin(docstring).split(/^@example/m);
      const place = `${path}:${lineAt(text, index)}`;
      return examples.map((example) => {
        const [, code] = FENCE.exec(example) ?? [];
        if (code === undefined) throw new Error(`${place}: expected a block of ts below @example`);
        return { place, code };
      });
    }),
  );
}

function withoutMargin(docstring: string): string {
  return docstring.replaceAll(/^\s*\*(?: |(?=\/)|$)/gm, "");
}

/** Reads the TypeScript below folders of the repository. */
export function readSources(folders: readonly string[]): TextFile[] {
  return folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => join(folder, name))
      .map((path) => ({ path, text: readFileSync(join(ROOT, path), "utf8") })),
  );
}

/**
 * Compiles examples, each as a module of its own, as strictly as the project itself.
 *
 * @returns what the compiler says of each that is wrong, behind its place.
 */
export function compileExamples(examples: readonly Example[]): string[] {
  mkdirSync(SCRATCH, { recursive: true });
  const folder = mkdtempSync(join(SCRATCH, "examples-"));
  try {
    const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
    write("tsconfig.json", JSON.stringify(CONFIGURATION));
    write("declared.d.ts", DECLARED);
    for (const [index, { code }] of examples.entries()) {
      write(`${index}.ts`, `${code}\nexport {};\n`);
    }
    return compile(folder).map((line) =>
      line.replace(/^(\d+)\.ts\((\d+),\d+\)/, (_, index: string, row: string) => {
        return `${examples[Number(index)]?.place ?? ""}, line ${row} of the example`;
      }),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const CONFIGURATION = {
  extends: "../../src/tsconfig.base.json",
  compilerOptions: {
    rootDir: "../..",
    composite: false,
    noEmit: true,
    lib: ["ES2024", "ESNext.Disposable", "DOM"],
    types: ["node"],
    // Examples name what they are about, used or not.
    noUnusedLocals: false,
  },
};

function compile(folder: string): string[] {
  try {
    const tsc = join(ROOT, "node_modules/.bin/tsc");
    execFileSync(tsc, ["-p", ".", "--pretty", "false"], { cwd: folder, encoding: "utf8" });
    return [];
  } catch (error) {
    const { stdout } = error as { readonly stdout?: string };
    if (stdout === undefined) throw error;
    return stdout.trim().split("\n");
  }
}

/**
 * Names those of an entry that have no example: a class needs one of its own, a function has to occur
 * in any.
 *
 * @param entry - what the entry exports, by name.
 * @param files - where that is declared.
 */
export function namesWithoutExample(
  entry: Readonly<Record<string, unknown>>,
  files: readonly TextFile[],
): string[] {
  const all = examplesOf(files)
    .map(({ code }) => code)
    .join("\n");
  return Object.entries(entry)
    .filter(([, value]) => typeof value === "function")
    .filter(([name, value]) =>
      isClass(value) ? !hasOwnExample(name, files) : !new RegExp(`\\b${name}\\b`).test(all),
    )
    .map(([name]) => name);
}

function isClass(value: unknown): boolean {
  return String(value).startsWith("class");
}

function hasOwnExample(name: string, files: readonly TextFile[]): boolean {
  const declaration = new RegExp(`(${DOCSTRING.source})\\nexport class ${name}\\b`);
  return files.some(({ text }) => declaration.exec(text)?.[1]?.includes("@example") ?? false);
}
