/**
 * `npm run build`: writes `dist/`, which is the package as it is published, and prints what programs
 * that use it weigh.
 */
import { join } from "node:path";
import process from "node:process";
import { buildPackage } from "./package.ts";
import { formatSizes, measureSizes } from "./sizes.ts";

const DIST = join(import.meta.dirname, "../../dist");

await buildPackage(DIST);
process.stdout.write(formatSizes(await measureSizes(DIST)));
