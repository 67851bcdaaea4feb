import { join } from "node:path";
import { expect, it } from "vitest";
import { readRootManifest } from "../../../scripts/build/manifest.ts";
import { plant } from "../../tidy/repository.ts";
import { compileExamples, examplesOf, namesWithoutExample, readSources } from "./examples.ts";

const ROOT = join(import.meta.dirname, "../../..");
const sources = readSources(["src"]);
/** The compiler takes a second, and longer beside other work. */
const COMPILE_MS = 60_000;

/** What the package exports, from all of its entries. */
async function publicNames(): Promise<Readonly<Record<string, unknown>>> {
  const paths = Object.values(readRootManifest(ROOT).exports).map((source) => join(ROOT, source));
  const entries = await Promise.all(paths.map((path): Promise<object> => import(path)));
  return Object.assign({}, ...entries);
}

it(
  "[PK8] every example in a docstring compiles against the entries of the package",
  () => {
    const examples = examplesOf(sources);
    expect(compileExamples(examples)).toEqual([]);
    expect(examples.length).toBeGreaterThan(40);
  },
  COMPILE_MS,
);

it("[PK9] every class has an example of its own, every function occurs in one", async () => {
  expect(namesWithoutExample(await publicNames(), sources)).toEqual([]);
});

it(
  "notices examples that do not compile, each by itself, and says where they are",
  () => {
    const text = `/**
 * Waits.
 *
 * @example
 * \`\`\`ts
 * import { Lock } from "edgekeeper/recipes";
 *
 * await new Lock(zk, "/a").acquier();
 * \`\`\`
 */
export const a = 1;`;
    const problems = compileExamples([
      ...examplesOf(plant({ "src/a.ts": text })),
      { place: "fine:1", code: "const a = zk.state;" },
      { place: "fine:2", code: "const a = zk.sessionId;" },
      { place: "alone:1", code: "console.log(a);" },
      { place: "import:1", code: 'import { Nothing } from "edgekeeper";' },
      { place: "type:1", code: "const a: string = zk;" },
    ]);
    expect(problems).toEqual([
      expect.stringMatching(/^src\/a\.ts:1, line 3 of the example: .*'acquier' does not exist/),
      expect.stringMatching(/^alone:1, line 1 of the example: .*Cannot find name 'a'/),
      expect.stringMatching(/^import:1, line 1 of the example: .*no exported member 'Nothing'/),
      expect.stringMatching(/^type:1, line 1 of the example: .*not assignable to type 'string'/),
    ]);
  },
  COMPILE_MS,
);

it("notices an example that is no block of TypeScript", () => {
  const planted = plant({ "src/a.ts": "/**\n * @example take()\n */\nexport class A {}" });
  expect(() => examplesOf(planted)).toThrow("src/a.ts:1: expected a block of ts");
});

it("notices a class without an example, and a function that occurs in none", () => {
  class Shown {}
  class Other {}
  const shown = () => undefined;
  const other = () => undefined;
  const text = `/**
 * Shown.
 *
 * @example
 * \`\`\`ts
 * shown(new Shown(), new Other());
 * \`\`\`
 */
export class Shown {}

/** Without one of its own. */
export class Other {}
`;
  const planted = plant({ "src/a.ts": text });
  expect(namesWithoutExample({ Shown, Other, shown, other }, planted)).toEqual(["Other", "other"]);
});
