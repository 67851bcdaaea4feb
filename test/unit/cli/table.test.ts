import { expect, test } from "vitest";
import { formatTable } from "../../../src/cli/output/format-table.ts";
import { ShellHarness } from "./shell-harness.ts";

test("[SH37] a table has columns under their names, and no frame", () => {
  const rows = [
    { path: "/a", stat: { version: 12, ephemeralOwner: 5n }, acl: [1] },
    { path: "/日本語", stat: { version: 3 } },
  ];
  expect(formatTable(rows)).toBe(
    [
      "path     version  ephemeralOwner  acl",
      "───────  ───────  ──────────────  ───",
      "/a            12  5               [1]",
      "/日本語        3",
    ].join("\n"),
  );
});

test("[SH37] single values are a column, and nothing is nothing", () => {
  expect(formatTable(["/a", "/b"])).toBe("value\n─────\n/a\n/b");
  expect(formatTable([])).toBe("");
});

test("[SH37] what others wrote neither breaks a line nor steers the terminal", () => {
  expect(formatTable({ data: "a\nb\u001B[2J" })).toBe("data\n───────\na b [2J");
});

test("[SH37] results that come one by one are one table", async () => {
  const harness = new ShellHarness();
  await harness.run("create /app", "create /app/x", "create /app/y");
  const table = "value\n──────\n/app\n/app/x\n/app/y\n";
  expect(await harness.run("find -o table /app")).toBe(table);
  expect(await harness.run("ls -R -o table /app")).toBe(table);
});
