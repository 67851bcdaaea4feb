import { expect, it } from "vitest";
import { checkReadmes } from "./readmes.ts";
import { plant, thisRepository } from "./repository.ts";

it("every layer has a README.md", () => {
  expect(checkReadmes(thisRepository())).toEqual([]);
});

it("notices a layer without a README.md", () => {
  const planted = plant({
    "src/index.ts": "",
    "src/core/a.ts": "",
    "src/core/README.md": "# core",
    "src/protocol/jute/a.ts": "",
  });
  expect(checkReadmes(planted)).toEqual(["src/protocol/README.md: is missing"]);
});
