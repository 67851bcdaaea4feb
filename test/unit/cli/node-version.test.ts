import { expect, it } from "vitest";
import { nodeProblem } from "../../../src/cli/node-version.ts";

it.each(["20.20.2", "22.12.0", "9.0.0", ""])("[PK3] refuses Node %s by name", (version) => {
  expect(nodeProblem(version)).toBe(`expected Node 22.13 or later, saw ${version}`);
});

it.each(["22.13.0", "22.99.1", "24.0.0", "100.1.0-nightly"])("[PK3] runs in Node %s", (version) => {
  expect(nodeProblem(version)).toBeUndefined();
});
