import { expect, it } from "vitest";
import { plant, thisRepository } from "./repository.ts";
import { checkSpec, parseRules } from "./spec.ts";

const GOOD =
  "# Spec\n\n## WA · Watches\n\n- **WA1** A watch\n  fires once. `= ZooKeeper Watcher`\n";

/** The problems of a specification whose rules `ids` have a test. */
function problems(spec: string, ...ids: readonly string[]): readonly string[] {
  const tests = ids.map((id) => `it("[${id}] works", () => {});`).join("\n");
  return checkSpec(plant({ "docs/SPEC.md": spec, "test/unit/a.test.ts": tests }));
}

it("every rule has a test, every cited rule exists, every rule carries its mark", () => {
  expect(checkSpec(thisRepository())).toEqual([]);
});

it("reads a rule over several lines", () => {
  const text = "A watch fires once. `= ZooKeeper Watcher`";
  expect(parseRules(`${GOOD}\nprose\n`)).toEqual([{ id: "WA1", section: "WA", text }]);
});

it("allows a traced rule, several rules in one title, and an empty specification", () => {
  expect(problems(GOOD, "WA1")).toEqual([]);
  expect(problems(`${GOOD}- **WA2** More. \`≠ ZooKeeper: why\`\n`, "WA1][WA2")).toEqual([]);
  expect(problems("# Spec\n\n## WA · Watches\n")).toEqual([]);
});

it("notices a missing specification", () => {
  expect(checkSpec(plant({}))).toEqual(["docs/SPEC.md: is missing"]);
});

it("notices a rule without a test, also when only a comment names it", () => {
  expect(problems(GOOD)).toHaveLength(1);
  const commented = plant({ "docs/SPEC.md": GOOD, "test/unit/a.test.ts": "// [WA1] later" });
  expect(checkSpec(commented)).toHaveLength(1);
});

it("notices a rule without a mark, with two, or with a difference that gives no reason", () => {
  expect(problems(GOOD.replace("= ZooKeeper", "as in"), "WA1")).toHaveLength(1);
  expect(problems(GOOD.trimEnd().concat(" `≠ ZooKeeper: why`\n"), "WA1")).toHaveLength(1);
  expect(problems(GOOD.replace("= ZooKeeper Watcher", "≠ ZooKeeper:"), "WA1")).toHaveLength(1);
});

it("notices a rule that stands twice, in a foreign section, or in another form", () => {
  expect(problems(`${GOOD}- **WA1** Again. \`= ZooKeeper\`\n`, "WA1")).toHaveLength(1);
  expect(problems(GOOD.replace("## WA", "## PA"), "WA1")).toHaveLength(1);
  expect(problems(`${GOOD}* **WA2**: Sloppy. \`= ZooKeeper\`\n`, "WA1")).toHaveLength(1);
});

it("notices a cited rule that does not exist, in a title, a source and a page", () => {
  expect(problems(GOOD, "WA1", "WA9")).toHaveLength(1);
  const planted = plant({
    "docs/SPEC.md": "# Spec\n",
    "docs/OTHER.md": "see [WA8]",
    "src/core/a.ts": "// [WA7]",
  });
  expect(checkSpec(planted)).toHaveLength(2);
});
