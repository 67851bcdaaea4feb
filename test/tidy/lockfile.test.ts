import { expect, it } from "vitest";
import { checkLockfile } from "./lockfile.ts";
import { plant, thisRepository } from "./repository.ts";

const lockfile = (packages: object) => plant({ "package-lock.json": JSON.stringify({ packages }) });

it("the lockfile is complete for every platform", () => {
  expect(checkLockfile(thisRepository())).toEqual([]);
});

it("notices an optional package without an entry, and a missing lockfile", () => {
  const planted = lockfile({ "node_modules/a": { optionalDependencies: { "a-mac": "1.0.0" } } });
  expect(checkLockfile(planted)).toEqual([
    "package-lock.json: has no entry for a-mac, which node_modules/a wants",
  ]);
  expect(checkLockfile(plant({}))).toEqual(["package-lock.json: is missing"]);
});

it("allows an entry at the top and one below its parent", () => {
  const planted = lockfile({
    "node_modules/a": { optionalDependencies: { "a-mac": "1.0.0", "a-pc": "1.0.0" } },
    "node_modules/a-mac": {},
    "node_modules/a/node_modules/a-pc": {},
  });
  expect(checkLockfile(planted)).toEqual([]);
});
