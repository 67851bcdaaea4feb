import { expect, test } from "vitest";
import { inBashWords, openShellWord } from "../../../src/cli/completion/open-shell-word.ts";

test.each([
  ["edgekeeper ls /a", ["ls"], "/a"],
  ["edgekeeper ls ", ["ls"], ""],
  ["edgekeeper  create '/two words' x", ["create", "/two words"], "x"],
  [String.raw`edgekeeper ls /two\ wo`, ["ls"], "/two wo"],
  [`edgekeeper ls "/two wo`, ["ls"], "/two wo"],
  [String.raw`edgekeeper ls "/\"x`, ["ls"], '/"x'],
  [`edgekeeper ls '/it"s`, ["ls"], `/it"s`],
  [`edgekeeper set /a '' `, ["set", "/a", ""], ""],
  ["edgekeeper --server zoo1:2181 g", ["--server", "zoo1:2181"], "g"],
])("[SH66] the open word of %s", (line, words, piece) => {
  expect(openShellWord(line)).toMatchObject({ words, piece });
});

test.each([
  ["edgekeeper ls /tw", "/tw", "/two words", String.raw`/two\ words`],
  ["edgekeeper ls '/tw", "/tw", "/two words", "/two words"],
  ['edgekeeper ls "/pri', "/pri", "/price $", String.raw`/price \$`],
  ["edgekeeper ls /b:", "", "/b:c", "c"],
  ["edgekeeper ls --output=j", "j", "--output=json", "json"],
  [String.raw`edgekeeper ls /two\ w`, String.raw`/two\ w`, "/two words", String.raw`/two\ words`],
])("[SH66] %s: in the place of %j bash gets %j as %j", (line, replaced, value, written) => {
  expect(inBashWords([value], openShellWord(line), replaced)).toEqual([written]);
});
