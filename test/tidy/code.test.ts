import { expect, it } from "vitest";
import { codeLinesCount, importsOf, withoutComments, withoutText } from "./code.ts";
import { thisRepository } from "./repository.ts";

it("the repository is really read", () => {
  const paths = thisRepository().map(({ path }) => path);
  expect(paths).toContain("package.json");
  expect(paths).toContain("test/tidy/code.test.ts");
  expect(paths.filter((path) => path.includes("node_modules"))).toEqual([]);
});

it("tells comments from strings and regular expressions", () => {
  expect(withoutComments('a("//b"); // c')).toBe('a("//b");     ');
  expect(withoutComments("a(/[\"'`/*]/); b(`//`); /* c\n d */ e")).toBe(
    "a(/[\"'`/*]/); b(`//`);     \n      e",
  );
  expect(withoutText('a("b", /c/); // d')).toBe("a(   ,    );     ");
});

it("counts lines of code", () => {
  expect(codeLinesCount("a();\n\n// b\n/*\n c\n*/\nd();\n")).toBe(2);
});

it("does not take a word for an import", () => {
  expect(importsOf('const from = "a"; /* import "b" */ important("c");')).toEqual([]);
});
