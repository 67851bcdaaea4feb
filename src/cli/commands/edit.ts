import { Command } from "commander";
import { Code, isKeeperError, type ZooKeeper } from "../../client/index.ts";
import type { WritingContext } from "../command-context.ts";
import { CommandError } from "../command-error.ts";
import { dataOfText, editableText, type EditFormat } from "../edit/editable-text.ts";
import { EditedFile } from "../edit/edited-file.ts";
import { checkPath } from "../malformed-path.ts";
import { runChild } from "../run-child.ts";
import { splitWords } from "../shell/split-words.ts";

interface EditOptions {
  readonly create?: boolean;
  readonly hex?: boolean;
}

/** Exit codes above it tell of a signal. */
const SIGNALLED = 128;

const HELP = `
The editor is that of VISUAL or EDITOR, else vi. What you save is written on the condition that nobody
changed the znode meanwhile; if somebody did, or anything else goes wrong, your text stays in a file,
which is named. Nothing is written if nothing was changed, or if the editor ends with a failure.

Examples:
  edit /config
  EDITOR='code --wait' edgekeeper edit --create /config/new`;

/** `edit path`: the data in an editor. */
export function editCommand(context: WritingContext): Command {
  return new Command("edit")
    .description("edit the data of a znode, and write it if nobody else did")
    .argument("<path>")
    .option("--create", "create it if it does not exist")
    .option("--hex", "as pairs of hexadecimal digits: data that is no text")
    .addHelpText("after", HELP)
    .action((path: string, { create: mayCreate = false, hex }: EditOptions) => {
      checkPath(path);
      return edit(context, path, { mayCreate, format: hex === true ? "hex" : "text" });
    });
}

async function edit(
  context: WritingContext,
  path: string,
  { mayCreate, format }: { readonly mayCreate: boolean; readonly format: EditFormat },
): Promise<void> {
  const { connection, output, signal } = context;
  const zk = await connection.client();
  const found = await zk.get(path).catch((error: unknown) => {
    if (!mayCreate || !isKeeperError(error, Code.NONODE)) throw error;
  });
  const before = editableText(found?.data ?? null, format);
  const file = await EditedFile.create(path, before);
  let isDone = false;
  try {
    await runEditor(context, file.path);
    const text = await file.read();
    const data = dataOfText(text, before, format);
    isDone = Buffer.compare(data, Buffer.from(found?.data ?? [])) === 0;
    if (isDone) {
      output.remark(`unchanged: nothing was written to ${path}`);
      return;
    }
    signal.throwIfAborted();
    await write(zk, path, { data, version: found?.stat.version });
    isDone = true;
    output.confirm(found === undefined ? `Created ${path}` : `Changed ${path}`);
  } finally {
    if (isDone || !(await file.hasChanged(before))) await file.delete();
    else output.remark(`your text is in ${file.path}`);
  }
}

async function runEditor({ interrupts }: WritingContext, file: string): Promise<void> {
  const { VISUAL, EDITOR } = process.env;
  const editor = [VISUAL, EDITOR].find((name) => name !== undefined && name.trim() !== "") ?? "vi";
  const exitCode = await runChild([...splitWords(editor), file], { interrupts });
  if (exitCode === 0) return;
  const why = `nothing was written: ${editor} ended with ${exitCode}`;
  // Ctrl-C in the editor was meant for us, too.
  throw exitCode > SIGNALLED ? new CommandError(why, exitCode) : new CommandError(why);
}

/** @param version - undefined for a znode that did not exist. @throws CommandError */
async function write(
  zk: ZooKeeper,
  path: string,
  { data, version }: { readonly data: Uint8Array; readonly version: number | undefined },
): Promise<void> {
  try {
    if (version === undefined) await zk.create(path, data);
    else await zk.set(path, data, version);
  } catch (error) {
    if (isKeeperError(error, Code.BADVERSION, Code.NODEEXISTS)) {
      throw new CommandError(`${path} was changed by somebody else meanwhile: nothing was written`);
    }
    if (isKeeperError(error, Code.NONODE) && version !== undefined) {
      throw new CommandError(`${path} was deleted by somebody else meanwhile: nothing was written`);
    }
    throw error;
  }
}
