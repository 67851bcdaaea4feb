import { CommandError } from "../command-error.ts";
import type { Progress } from "../output/progress.ts";
import type { OpenTree } from "../tree/open-tree.ts";
import { type FileFormat, piecesOf, writeTreeFile } from "../tree/tree-file.ts";
import { pathIn, type TreeNode, type TreeStream } from "../tree/tree-node.ts";
import { countOf, LeftOuts, type MirrorRun, sourceOptions } from "./mirror-run.ts";

/** Where a tree is written down. */
export interface FileTarget {
  /** Undefined for standard output. */
  readonly path: string | undefined;
  readonly format: FileFormat;
}

/** Writes a tree into a file; a part that may not be read fails it. @throws CommandError */
export async function mirrorToFile(
  run: MirrorRun,
  source: OpenTree,
  { path, format }: FileTarget,
): Promise<void> {
  const { output, signal, withAcl } = run;
  const leftOuts = new LeftOuts();
  using progress = output.progress({ name: "mirror", total: await source.count(), signal });
  const counts = { znodes: 0 };
  const nodes = readable(source.read(sourceOptions(run, leftOuts)), {
    root: source.root,
    counts,
    progress,
    signal,
  });
  if (output.isDryRun) for await (const _ of nodes);
  else if (path !== undefined) await writeTreeFile({ path, format }, nodes, { withAcl });
  else for await (const piece of piecesOf(format, nodes, { withAcl })) output.streams.out(piece);
  progress[Symbol.dispose]();
  const { znodes } = counts;
  const to = path ?? "standard output";
  output.remark(
    `${output.isDryRun ? "would write" : "wrote"} ${countOf(znodes, "znode")} to ${to}`,
  );
  if (leftOuts.text !== "") output.remark(leftOuts.text);
  if (path === undefined || output.format === "text") return;
  output.show({ value: { file: path, znodes, ephemerals: leftOuts.ephemerals }, text: [] });
}

/** A file with holes would be taken for all there was. */
async function* readable(
  nodes: TreeStream,
  {
    root,
    counts,
    progress,
    signal,
  }: {
    readonly root: string;
    readonly counts: { znodes: number };
    readonly progress: Progress;
    readonly signal: AbortSignal;
  },
): AsyncGenerator<TreeNode, void, undefined> {
  for await (const node of nodes) {
    signal.throwIfAborted();
    if ("isHidden" in node) {
      throw new CommandError(`expected to be allowed to read ${pathIn(root, node.path)}`);
    }
    counts.znodes += 1;
    progress.tick();
    yield node;
  }
}
