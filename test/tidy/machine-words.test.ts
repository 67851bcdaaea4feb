import { expect, it } from "vitest";
import { checkMachineWords } from "./machine-words.ts";
import { plant, thisRepository } from "./repository.ts";

const FOLDER = ["", "work", "main"].join("/");
const HOST = `https://${["registry", "npmjs", "org"].join(".")}`;

it("no file names this machine or a package registry", () => {
  expect(checkMachineWords(thisRepository())).toEqual([]);
});

it("notices a path of a machine, a registry host, and a lockfile that resolves to a host", () => {
  const planted = plant({
    "docs/a.md": `a\nsee ${FOLDER}`,
    ".ci/run": `npm --registry ${HOST}`,
    "package-lock.json": '{ "resolved": "https://packages.example/a.tgz" }',
  });
  expect(checkMachineWords(planted)).toEqual([
    expect.stringMatching(/^docs\/a\.md:2: /),
    expect.stringMatching(/^\.ci\/run:1: /),
    expect.stringMatching(/^package-lock\.json:1: /),
  ]);
});

it("allows paths of znodes", () => {
  expect(checkMachineWords(plant({ "src/a.ts": '"/workers/a"; "/app/home";' }))).toEqual([]);
});
