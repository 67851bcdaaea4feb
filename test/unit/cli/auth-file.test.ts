import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readProofs } from "../../../src/cli/server/auth-file.ts";
import { newFile } from "./trees.ts";

function fileWith(text: string): string {
  const file = newFile(".auth");
  writeFileSync(file, text);
  return file;
}

test("[SH24] identities are read from a file, one a line", () => {
  const file = fileWith("# who we are\n\ndigest bob:pass word\r\ndigest ann:x\n");
  expect(readProofs(file)).toEqual([
    { scheme: "digest", auth: "bob:pass word" },
    { scheme: "digest", auth: "ann:x" },
  ]);
});

test("[SH24] a line that is none is named, and not shown", () => {
  const file = fileWith("digest bob:secret\nsecret\n");
  expect(() => readProofs(file)).toThrow(`expected "scheme auth" in line 2 of ${file}`);
  expect(() => readProofs("/no/such/file")).toThrow("expected --auth-file to name a readable file");
});
