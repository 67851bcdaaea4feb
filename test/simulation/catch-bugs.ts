import { readFileSync, writeFileSync } from "node:fs";
import { plantInto, sourceOf } from "./plant.ts";
import type { PlantedBug } from "./planted-bugs.ts";
import type { SeedResult } from "./run-seed.ts";
import { SeedPool } from "./seed-pool.ts";

/** Between these lines of the page stands the table. */
const [TABLE_START, TABLE_END] = ["<!-- planted bugs -->", "<!-- end of planted bugs -->"];
const PAGE = new URL("../../docs/TESTING.md", import.meta.url);

/** How a bug was caught. */
interface Catch {
  readonly bug: PlantedBug;
  /** The first seed in order that fails; undefined: none of those tried. */
  readonly result: SeedResult | undefined;
}

/**
 * Runs every bug over the seeds from 1 on until one fails. False if a bug got away.
 *
 * @param seedsMax - how many seeds a bug may take.
 */
export async function catchBugs(
  bugs: readonly PlantedBug[],
  seedsMax: number,
  output: { readonly print: (line: string) => void; readonly isWriting: boolean },
): Promise<boolean> {
  const caught: Catch[] = [];
  for (const bug of bugs) {
    // Otherwise the child process would die, and that would look like a catch.
    plantInto(bug, sourceOf(bug));
    const result = await findFirst(bug, seedsMax);
    caught.push({ bug, result });
    output.print(rowOf({ bug, result }));
  }
  const escaped = caught.filter(({ result }) => result === undefined);
  output.print(`${caught.length - escaped.length} of ${caught.length} planted bugs caught`);
  output.print(`${caught.length - escaped.length} passed, ${escaped.length} failed`);
  if (output.isWriting) write(caught);
  return escaped.length === 0;
}

/** Seeds run side by side, so the first result is not always the lowest seed: deterministic anyway. */
async function findFirst(bug: PlantedBug, seedsMax: number): Promise<SeedResult | undefined> {
  let first: SeedResult | undefined;
  function* seeds(): Generator<number> {
    for (let seed = 1; seed <= seedsMax && first === undefined; seed++) yield seed;
  }
  await new SeedPool({ bug: bug.name }).run(seeds(), (result) => {
    const isFailed = result.violations.length > 0;
    if (isFailed && (first === undefined || result.seed < first.seed)) first = result;
    return true;
  });
  return first;
}

function rowOf({ bug, result }: Catch): string {
  const checkers = [...new Set(result?.violations.map(({ checker }) => checker))];
  const by = result === undefined ? "**not caught**" : checkers.slice(0, 3).join(", ");
  return `| ${bug.name} | ${bug.rule} | \`${bug.file}\` | ${by} | ${result?.seed ?? "–"} |`;
}

function write(caught: readonly Catch[]): void {
  const page = readFileSync(PAGE, "utf8");
  const [before, rest = ""] = page.split(TABLE_START);
  const after = rest.split(TABLE_END)[1] ?? "";
  const head = [
    "| bug | rule | planted in | caught by | seeds |",
    "| --- | --- | --- | --- | --- |",
  ];
  const table = [...head, ...caught.map(rowOf)].join("\n");
  writeFileSync(PAGE, `${before}${TABLE_START}\n\n${table}\n\n${TABLE_END}${after}`);
}
