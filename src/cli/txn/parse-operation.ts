import { Command, CommanderError } from "commander";
import type { Transaction } from "../../client/index.ts";
import { CommandError } from "../command-error.ts";
import { createOptionsOf, type CreateFlags, createSyntax } from "../commands/create.ts";
import { type DeleteFlags, deleteSyntax } from "../commands/delete.ts";
import { dataOf, type SetFlags, setSyntax } from "../commands/set.ts";
import { checkPath } from "../malformed-path.ts";
import { integer, versionOf } from "../option-values.ts";
import { withCommands } from "../run-command.ts";
import { splitWords } from "../shell/split-words.ts";

/** What a line may begin with. */
export const OPERATION_NAMES: readonly string[] = ["create", "set", "delete", "check"];

/** What a line of a transaction means. */
export type ParsedLine =
  | { readonly type: "operation"; readonly addTo: (transaction: Transaction) => void }
  | { readonly type: "help"; readonly text: string };

/**
 * Reads an operation in the words of the commands of the same names.
 *
 * @throws CommandError, MalformedPathError that say what was expected
 */
export function parseOperation(line: string): ParsedLine {
  let addTo: ((transaction: Transaction) => void) | undefined;
  let [help, told] = ["", ""];
  const operations = operationCommands((add) => (addTo = add));
  const program = withCommands(new Command("").usage("<operation>"), operations, {
    out: (text) => (help += String(text)),
    err: (text) => (told += text),
  });
  try {
    program.parse(splitWords(line), { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (help !== "") return { type: "help", text: help };
    throw new CommandError(
      told
        .replace(/^error: /, "")
        .trim()
        .replaceAll(/\s+/g, " "),
    );
  }
  if (addTo === undefined) return { type: "help", text: help };
  return { type: "operation", addTo };
}

type Add = (add: (transaction: Transaction) => void) => void;

function operationCommands(found: Add): Command[] {
  return [
    createSyntax().action(
      (path: string, data: string | undefined, acl: string | undefined, flags: CreateFlags) => {
        const options = createOptionsOf(path, acl, flags);
        found((transaction) => transaction.create(path, data ?? null, options));
      },
    ),
    setSyntax().action((path: string, text: string, flags: SetFlags) => {
      checkPath(path);
      found((transaction) => transaction.set(path, dataOf(text, flags), versionOf(flags)));
    }),
    deleteSyntax().action((path: string, flags: DeleteFlags) => {
      checkPath(path);
      found((transaction) => transaction.delete(path, versionOf(flags)));
    }),
    new Command("check")
      .description("demand that a znode has a version")
      .argument("<path>")
      .argument("[version]", "any if absent: it exists", integer, -1)
      .action((path: string, version: number) => {
        checkPath(path);
        found((transaction) => transaction.check(path, version));
      }),
  ];
}
