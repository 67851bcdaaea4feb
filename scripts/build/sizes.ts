import { gzipSync } from "node:zlib";
import { build } from "esbuild";

/** What a program weighs that was bundled for browsers, bytes. */
export interface Size {
  readonly program: string;
  readonly minified: number;
  readonly gzip: number;
}

/** Programs of a user, from little to everything. */
export const PROGRAMS: Readonly<Record<string, string>> = {
  "get and set": `
    import { ZooKeeper } from "edgekeeper";
    await using keeper = new ZooKeeper("https://keeper.example.com");
    const { text, stat } = await keeper.get("/greeting");
    await keeper.set("/greeting", text + "!", stat.version);`,
  "a lock": `
    import { ZooKeeper } from "edgekeeper";
    import { Lock } from "edgekeeper/recipes";
    await using keeper = new ZooKeeper("https://keeper.example.com");
    await using held = await new Lock(keeper, "/locks/printer").acquire();
    console.log(held.token);`,
  "the whole client": `export * from "edgekeeper";`,
  "the client and all recipes": `export * from "edgekeeper"; export * from "edgekeeper/recipes";`,
};

/** Bundles a program as its author would for browsers. @throws what Node alone has. */
export async function bundle(folder: string, program: string): Promise<Uint8Array> {
  const { outputFiles } = await build({
    // The package refers to itself by its name, as a program that has installed it does.
    stdin: { contents: program, resolveDir: folder, loader: "ts" },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2024",
    write: false,
    logLevel: "silent",
  });
  return outputFiles[0]?.contents ?? new Uint8Array(0);
}

/** @param folder - the built package. */
export async function measureSizes(folder: string): Promise<Size[]> {
  const sizes = Object.entries(PROGRAMS).map(async ([program, text]) => {
    const code = await bundle(folder, text);
    return { program, minified: code.length, gzip: gzipSync(code, { level: 9 }).length };
  });
  return Promise.all(sizes);
}

/** A table for people. */
export function formatSizes(sizes: readonly Size[]): string {
  const rows = sizes.map(({ program, minified, gzip }) => [program, bytes(minified), bytes(gzip)]);
  return [["bytes, for browsers", "minified", "gzip"], ...rows]
    .map(([program = "", minified = "", gzip = ""]) =>
      [program.padEnd(28), minified.padStart(10), gzip.padStart(8)].join("").concat("\n"),
    )
    .join("");
}

function bytes(count: number): string {
  return count.toLocaleString("en");
}
