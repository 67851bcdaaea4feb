/**
 * Bundles the Worker that `edgekeeper serve` runs, `src/serve.ts`. As a program it writes it to where
 * the package has it, `dist/worker/serve.js`, or to the file that it is given; in a clone the command
 * does that by itself.
 */
import { renameSync } from "node:fs";
import { join, resolve } from "node:path";
import process from "node:process";
import { build } from "esbuild";

const ROOT = join(import.meta.dirname, "../..");

/**
 * Writes the bundle, whole or not at all: a server that starts meanwhile reads the one or the other.
 *
 * Source: what wrangler 4 tells esbuild, for `keep_names = false` as `wrangler.toml` has it. Names are
 * kept as they are written, so that a stack trace can be read.
 */
export async function buildWorker(file: string): Promise<void> {
  const temporary = `${file}.${process.pid}`;
  await build({
    absWorkingDir: ROOT,
    entryPoints: ["src/serve.ts"],
    outfile: temporary,
    bundle: true,
    minifySyntax: true,
    minifyWhitespace: true,
    format: "esm",
    platform: "browser",
    target: "es2024",
    supported: { using: true },
    conditions: ["workerd", "worker", "browser"],
    external: ["cloudflare:*", "node:*"],
    define: { "process.env.NODE_ENV": '"production"' },
    logLevel: "warning",
  });
  renameSync(temporary, file);
}

if (import.meta.main)
  await buildWorker(resolve(process.argv[2] ?? join(ROOT, "dist/worker/serve.js")));
