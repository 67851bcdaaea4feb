import { expect, test } from "vitest";
import { plantInto, sourceOf } from "./plant.ts";
import { PLANTED_BUGS } from "./planted-bugs.ts";

test.each(PLANTED_BUGS)("the place of $name is there exactly once", (bug) => {
  const source = sourceOf(bug);

  const broken = plantInto(bug, source);

  expect(broken).not.toBe(source);
});

test("each planted bug has a name of its own", () => {
  const names = PLANTED_BUGS.map(({ name }) => name);

  expect(new Set(names).size).toBe(names.length);
});

test("a bug whose place is gone is refused", () => {
  const bug = { name: "none", rule: "OR1", file: "src/core/zxid.ts", find: "nowhere", replace: "" };

  const plant = (): string => plantInto(bug, sourceOf(bug));

  expect(plant).toThrow("expected its place once, saw it 0 times");
});
