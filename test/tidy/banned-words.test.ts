import { expect, it } from "vitest";
import { checkBannedWords } from "./banned-words.ts";
import { plant, thisRepository } from "./repository.ts";

it("no file contains a banned word", () => {
  expect(checkBannedWords(thisRepository())).toEqual([]);
});

it.each([
  "// FIXME later",
  "// TODO later",
  "// TODO(someone): later",
  "// oxlint-disable-next-line no-console",
  "// @ts-ignore",
])("notices, anywhere: %s", (text) => {
  expect(checkBannedWords(plant({ "src/gateway/a.ts": text }))).toHaveLength(1);
  expect(checkBannedWords(plant({ "test/unit/a.test.ts": text }))).toHaveLength(1);
});

it.each([
  "async function a() {}",
  "await a();",
  "let a: Promise<void>;",
  "Date.now();",
  "new Date();",
  "Math.random();",
])("notices in core, storage and server: %s", (text) => {
  for (const layer of ["core", "storage", "server"]) {
    const planted = plant({ [`src/${layer}/a.ts`]: `\n${text}` });
    expect(checkBannedWords(planted)).toHaveLength(1);
    expect(checkBannedWords(planted)[0]).toMatch(`src/${layer}/a.ts:2: `);
  }
});

it("allows a TODO with a rule or an issue, a reasoned lint-disable, and words in comments", () => {
  const planted = plant({
    "src/core/a.ts": '// TODO(WA3) a\n// TODO(#12) b\n/* not async, no Promise */ a("Date");',
    "src/core/b.ts": "// oxlint-disable-next-line complexity -- one case per opcode",
    "src/shard/a.ts": "async function a() { await b(Date.now()); }",
  });
  expect(checkBannedWords(planted)).toEqual([]);
});
