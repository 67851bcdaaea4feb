import { expect, it } from "vitest";
import { plant, thisRepository } from "./repository.ts";
import { checkSkips } from "./skips.ts";

const PATH = "test/unit/a.test.ts";
const README = "test/README.md";

it("every skipped test has a row with a reason in test/README.md", () => {
  expect(checkSkips(thisRepository())).toEqual([]);
});

it.each([
  'it.skip("a", () => {});',
  'it.todo("a");',
  'it.skipIf(x)("a", () => {});',
  'describe.runIf(x)("a", () => {});',
  'it.fails("a", () => {});',
  'it.skip.each([1])("a", () => {});',
  'xit("a", () => {});',
  'it("a", ({ skip }) => { skip(); });',
  'it("a", (context) => { context.skip(); });',
])("notices a skip without a row: %s", (text) => {
  expect(checkSkips(plant({ [PATH]: text }))).toEqual([
    `${PATH}: 1 skips, but 0 rows in test/README.md`,
  ]);
});

it("notices a row without a reason and a row whose test runs again", () => {
  const skipped = 'it.skip("a", () => {});';
  expect(checkSkips(plant({ [PATH]: skipped, [README]: `| ${PATH} | a |  |` }))).toHaveLength(1);
  expect(checkSkips(plant({ [PATH]: "it();", [README]: `| ${PATH} | a | b |` }))).toHaveLength(1);
});

it("allows a skip with a row, and the word in a title", () => {
  const text = 'it.skip("a", () => {});\nit("may skip (a) frame", () => {});';
  expect(checkSkips(plant({ [PATH]: text, [README]: `| \`${PATH}\` | a | slow |` }))).toEqual([]);
});
