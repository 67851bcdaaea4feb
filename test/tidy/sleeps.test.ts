import { expect, it } from "vitest";
import { plant, thisRepository } from "./repository.ts";
import { checkSleeps } from "./sleeps.ts";

it("no test sleeps", () => {
  expect(checkSleeps(thisRepository())).toEqual([]);
});

it.each([
  "setTimeout(resolve, 10);",
  "await sleep(10);",
  "setInterval(f, 1);",
  "await scheduler.wait(10);",
  'import { setTimeout as wait } from "node:timers/promises";',
])("notices: %s", (text) => {
  for (const folder of ["unit/core", "contract", "workerd"]) {
    const path = `test/${folder}/a.test.ts`;
    expect(checkSleeps(plant({ [path]: `\n${text}` }))).toEqual([
      `${path}:2: no sleep, advance the clock`,
    ]);
  }
});

it("allows the words in text, and sleeps in the end-to-end tests", () => {
  const planted = plant({
    "test/unit/a.test.ts": '// setTimeout(f)\nit("setTimeout() is not called", f);',
    "test/e2e/a.test.ts": "await sleep(10);",
  });
  expect(checkSleeps(planted)).toEqual([]);
});
