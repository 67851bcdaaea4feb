import { join } from "node:path";
import { expect, it } from "vitest";
import { readRootManifest } from "../../../scripts/build/manifest.ts";
import { plant } from "../../tidy/repository.ts";
import { compileExamples, examplesOf, namesWithoutExample, readSources } from "./examples.ts";

const ROOT = join(import.meta.dirname, "../../..");
const sources = readSources(["src"]);

/** What the package exports, from all of its entries. */
async function publicNames(): Promise<Readonly<Record<string, unknown>>> {
  const paths = Object.values(readRootManifest(ROOT).exports).map((source) => join(ROOT, source));
  const entries = await Promise.all(paths.map((path): Promise<object> => import(path)));
  return Object.assign({}, ...entries);
}

it("[PK8] every example in a docstring compiles against the entries of the package", () => {
  const examples = examplesOf(sources);
  expect(compileExamples(examples)).toEqual([]);
  expect(examples.length).toBeGreaterThan(40);
});

it("[PK9] every class has an example of its own, every function occurs in one", async () => {
  expect(namesWithoutExample(await publicNames(), sources)).toEqual([]);
});

it("notices an example that does not compile, and says where it is", () => {
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
  const [problem, ...others] = compileExamples(examplesOf(plant({ "src/a.ts": text })));
  expect(problem).toMatch(/^src\/a\.ts:1, line 3 of the example: error .*'acquier' does not exist/);
  expect(others).toEqual([]);
});

it.each(['import { Nothing } from "edgekeeper";', "const a: string = 1;", "b();"])(
  "notices a wrong example: %s",
  (code) => {
    expect(compileExamples([{ place: "a:1", code }])).toHaveLength(1);
  },
);

it("takes each example for itself", () => {
  const code = "const a = 1;\nconsole.log(a, zk.state);";
  expect(
    compileExamples([
      { place: "a:1", code },
      { place: "a:9", code },
    ]),
  ).toEqual([]);
});

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
