import { expect, it } from "vitest";
import { plant, thisRepository } from "./repository.ts";
import { checkSizes } from "./sizes.ts";

it("no file is longer than its limit", () => {
  expect(checkSizes(thisRepository())).toEqual([]);
});

it("notices a long source, a long test, a long README and a long shard", () => {
  const planted = plant({
    "src/core/a.ts": "a();\n".repeat(401),
    "src/core/README.md": "line\n".repeat(81),
    "test/unit/a.test.ts": "a();\n".repeat(801),
    "src/shard/a.ts": "a();\n".repeat(354),
    "src/shard/b.ts": "a();\n".repeat(354),
    "src/shard/c.ts": "a();\n".repeat(354),
  });
  expect(checkSizes(planted)).toEqual([
    "src/core/a.ts: 401 lines, the limit is 400",
    "test/unit/a.test.ts: 801 lines, the limit is 800",
    "src/core/README.md: 81 lines, the limit is 80",
    "src/shard: 1062 lines, the limit is 1060",
  ]);
});

it("does not count comments and blank lines", () => {
  const planted = plant({ "src/core/a.ts": `${"/* a\n b */\n// c\n\n".repeat(400)}a();\n` });
  expect(checkSizes(planted)).toEqual([]);
});
