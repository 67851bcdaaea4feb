import type { Transaction } from "../../client/index.ts";
import { CommandError } from "../command-error.ts";
import { errorText } from "../error-text.ts";
import type { Output } from "../output/output.ts";
import type { LineInput } from "../shell/line-input.ts";
import { parseOperation } from "./parse-operation.ts";

/** One operation of a transaction, as it was written. */
export interface Operation {
  readonly text: string;
  /** Where it was written, from 1. */
  readonly line: number;
  readonly addTo: (transaction: Transaction) => void;
}

/** What the lines of a transaction end in. */
export interface Operations {
  readonly operations: readonly Operation[];
  /** Somebody said `abort`, or left: nothing is to be done. */
  readonly isAborted: boolean;
}

/** What a line may be that is no operation. */
export const WORDS: readonly string[] = ["commit", "abort", "show", "help"];

const ENDS = new Set(["commit", "abort"]);

/**
 * Reads operations until an empty line, `commit` or `abort`.
 *
 * The end of a pipe or file carries out what was read, the end of a terminal (Ctrl-D) does not. A
 * mistake is told where somebody can mend it, and ends everything where nobody can.
 *
 * @throws CommandError that names the line of a mistake
 */
export async function readOperations(
  input: LineInput,
  output: Output,
  signal: AbortSignal,
): Promise<Operations> {
  const operations: Operation[] = [];
  for (let line = 1; ; line += 1) {
    const read = await input.readLine(`txn ${operations.length + 1}> `, signal);
    const text = read?.trim();
    if (text === undefined) return { operations, isAborted: input.isTerminal };
    if (text === "" || ENDS.has(text)) {
      if (input.isOwn && !input.isTerminal) await refuseMore(input, line, signal);
      return { operations, isAborted: text === "abort" };
    }
    if (text.startsWith("#")) continue;
    if (text === "show") for (const row of listed(operations)) output.line(row);
    else takeLine({ text, line }, { operations, input, output });
  }
}

/** Nobody means lines that nobody would carry out. @throws CommandError */
async function refuseMore(input: LineInput, end: number, signal: AbortSignal): Promise<void> {
  for (let line = end + 1; ; line += 1) {
    const text = (await input.readLine("", signal))?.trim();
    if (text === undefined) return;
    if (text === "" || text.startsWith("#")) continue;
    throw new CommandError(`line ${line}: expected nothing behind the end in line ${end}: ${text}`);
  }
}

/** Operations and their numbers. */
function listed(operations: readonly Operation[]): string[] {
  return operations.map(({ text }, index) => `${index + 1}  ${text}`);
}

interface Taking {
  readonly operations: Operation[];
  readonly input: LineInput;
  readonly output: Output;
}

function takeLine(
  { text, line }: Pick<Operation, "text" | "line">,
  { operations, input, output }: Taking,
): void {
  try {
    const parsed = parseOperation(text);
    if (parsed.type === "operation") operations.push({ text, line, addTo: parsed.addTo });
    else if (input.isTerminal) output.remark(parsed.text.trimEnd());
    else throw new CommandError("expected create, set, delete or check");
  } catch (error) {
    const told = errorText(error);
    if (told === undefined) throw error;
    if (!input.isTerminal) throw new CommandError(`line ${line}: ${told.text}`);
    output.remark(output.paintError("error", told.text));
  }
}
