import { expect, it } from "vitest";
import { checkOrphans } from "./orphans.ts";
import { plant, thisRepository } from "./repository.ts";

it("every source file is imported by something", () => {
  expect(checkOrphans(thisRepository())).toEqual([]);
});

it("notices a file that nothing imports, and leaves entries and declarations alone", () => {
  const planted = plant({
    "src/index.ts": 'export { a } from "./core/a.ts";',
    "src/core/a.ts": "export const a = 1;",
    "src/core/b.ts": "export const b = 1;",
    "src/core/c.ts": "export const c = 1;",
    "src/protocol/utf8.d.ts": "declare class TextEncoder {}",
    "test/unit/core/c.test.ts": 'import { c } from "../../../src/core/c.ts";',
  });
  expect(checkOrphans(planted)).toEqual(["src/core/b.ts: nothing imports this file"]);
});
