import { Command } from "commander";
import { isKeeperError, type TransactionResult } from "../../client/index.ts";
import type { WritingContext } from "../command-context.ts";
import { CommandError } from "../command-error.ts";
import { describeKeeperError } from "../error-text.ts";
import { type LineInput, textInput } from "../shell/line-input.ts";
import { OPERATION_NAMES } from "../txn/parse-operation.ts";
import { type Operation, readOperations, WORDS } from "../txn/read-operations.ts";
import { readNamedFile } from "../read-named-file.ts";

const HELP = `
The lines are create, set and delete with their own arguments, and check PATH [VERSION]. An empty line
or "commit" carries all of them out at once, or none; "abort" and Ctrl-D leave, "show" lists them.
A pipe or a file ends by itself, may have comments (#), and a mistake in it ends the command.

Examples:
  txn --file changes.txt
  printf '%s\\n' 'check /config 7' 'set /config/a 1' 'delete /config/b' | edgekeeper txn`;

const WELCOME =
  'create, set, delete or check, one a line; an empty line carries them out, "help" has more';

interface TxnOptions {
  readonly file?: string;
}

/** `txn`: many operations, all or none. */
export function txnCommand(context: WritingContext): Command {
  const { output, signal } = context;
  return new Command("txn")
    .description("carry out many operations at once, or none of them")
    .option("-f, --file <file>", "where to read them; the terminal or a pipe if absent")
    .addHelpText("after", HELP)
    .action(async ({ file }: TxnOptions) => {
      const input =
        file === undefined ? await openTerminal(context) : textInput(readNamedFile("--file", file));
      const { operations, isAborted } = await readOperations(input, output, signal).finally(() =>
        input.close(),
      );
      if (isAborted || operations.length === 0) {
        output.remark(isAborted ? "aborted: nothing happened" : "nothing to commit");
        output.show({ value: { isCommitted: false, results: [] }, text: [] });
      } else await commit(context, operations);
    });
}

/** Who types is connected first: paths are completed, and nobody types in vain. */
async function openTerminal({ connection, openInput, output }: WritingContext): Promise<LineInput> {
  const input = openInput([...OPERATION_NAMES, ...WORDS]);
  if (!input.isTerminal) return input;
  try {
    await connection.client();
  } catch (error) {
    input.close();
    throw error;
  }
  output.remark(WELCOME);
  return input;
}

async function commit(
  { connection, output }: WritingContext,
  operations: readonly Operation[],
): Promise<void> {
  const transaction = (await connection.client()).transaction();
  for (const { addTo } of operations) addTo(transaction);
  try {
    const results = await transaction.commit();
    const value = { isCommitted: true, results };
    output.show({ value, text: rowsOf(operations, results) });
  } catch (error) {
    // Without a part that failed nobody knows what happened.
    if (!isKeeperError(error) || error.failedAt === undefined) throw error;
    const { failedAt, codeName: code } = error;
    const { line, text } = operations[failedAt] ?? { line: 0, text: "" };
    const why = describeKeeperError(error);
    const value = { isCommitted: false, failedAt, line, operation: text, code, why };
    if (output.format !== "text") output.show({ value, text: [] });
    throw new CommandError(
      `operation ${failedAt + 1} of ${operations.length} (line ${line}: ${text}) failed, so nothing ` +
        `happened: ${why}`,
    );
  }
}

/** Operations, numbered, each with what it did. */
function rowsOf(
  operations: readonly Operation[],
  results: readonly TransactionResult[] = [],
): string[] {
  const width = Math.max(...operations.map(({ text }) => text.length));
  return operations.map(({ text }, index) => {
    const number = `${index + 1}`.padStart(`${operations.length}`.length);
    const result = results[index];
    if (result === undefined) return `${number}  ${text}`;
    return `${number}  ${text.padEnd(width)}  ${resultText(result)}`;
  });
}

function resultText(result: TransactionResult): string {
  switch (result.op) {
    case "create":
      return `Created ${result.path}`;
    case "set":
      return `version ${result.stat.version}`;
    case "delete":
      return "deleted";
    case "check":
      return "as expected";
  }
}
