import { ensurePath, isKeeperError, parentOf } from "../../client/index.ts";
import { CommandError } from "../command-error.ts";
import { describeKeeperError } from "../error-text.ts";
import type { OpenTree, ServerTree } from "../tree/open-tree.ts";
import { readFound, type ReadOptions } from "../tree/read-tree.ts";
import { pathIn, type TreeStream } from "../tree/tree-node.ts";
import { isOfConnection } from "./change-writer.ts";
import { Follower, statsOf } from "./follower.ts";
import { doneText, LeftOuts, type MirrorRun, sourceOptions, tellCounts } from "./mirror-run.ts";
import { type MirrorCounts, type MirrorOptions, mirrorTree, noCounts } from "./mirror-tree.ts";

/** A mirroring onto a server. */
export interface ServerRun extends MirrorRun {
  readonly withDelete: boolean;
}

/** Lost connections in a row, each behind a walk through both trees. */
const ATTEMPTS_MAX = 10;
/** Refusals that are told one by one. */
const TOLD_MAX = 20;

/**
 * Makes a subtree of a server what another tree is.
 *
 * When a connection is lost in the middle of a write nobody knows what became of it: both trees are
 * compared again, and what is still missing is written.
 *
 * @throws CommandError if something was refused, KeeperError
 */
export async function mirrorToServer(
  run: ServerRun,
  source: OpenTree,
  target: ServerTree,
): Promise<void> {
  await ensureWay(source, target);
  const problem = await compareAndWrite(run, source, target);
  if (problem !== undefined) throw new CommandError(problem);
}

/** Does the same, and goes on with every change, until the signal. @throws its reason */
export async function followToServer(
  run: ServerRun,
  source: ServerTree,
  target: ServerTree,
): Promise<never> {
  using follower = new Follower(source, run.signal);
  // Whatever happens from now on is noticed.
  await follower.start();
  await ensureWay(source, target);
  for (;;) {
    const problem = await compareAndWrite(run, source, target);
    if (problem !== undefined) run.output.remark(problem);
    run.output.remark(`following ${source.root}`);
    let changed = await follower.next();
    while (changed !== undefined) {
      await carryOver(run, { source, target, follower, changed });
      changed = await follower.next();
    }
    run.output.remark("events were missed: comparing everything again");
  }
}

interface Following {
  readonly source: ServerTree;
  readonly target: ServerTree;
  readonly follower: Follower;
  readonly changed: readonly string[];
}

async function carryOver(
  run: ServerRun,
  { source, target, follower, changed }: Following,
): Promise<void> {
  const read = ({ zk, root }: ServerTree, options: ReadOptions): TreeStream =>
    readFound(zk, { root, found: statsOf(zk, root, changed) }, options);
  try {
    const counts = await mirrorTree(
      read(source, sourceOptions(run, new LeftOuts())),
      read(target, targetOptions(run)),
      mirrorOptions(run, { source, target }, () => undefined),
    );
    const text = doneText(counts, run.output);
    if (text !== doneText(noCounts(), run.output)) run.output.remark(text);
  } catch (error) {
    run.signal.throwIfAborted();
    if (!isOfConnection(error)) throw error;
    follower.miss();
  }
}

/** @returns what was not done, in words */
async function compareAndWrite(
  run: ServerRun,
  source: OpenTree,
  target: ServerTree,
): Promise<string | undefined> {
  const leftOuts = new LeftOuts();
  return tellCounts(run, await walkBoth(run, { source, target, leftOuts }), leftOuts);
}

/** Makes what leads to the target; the source says what its root is, if it has one. */
async function ensureWay({ hasRoot }: OpenTree, { zk, root }: ServerTree): Promise<void> {
  const way = hasRoot ? parentOf(root) : root;
  if ((await zk.exists(way)) === undefined) await ensurePath(zk, way);
}

interface Walk {
  readonly source: OpenTree;
  readonly target: ServerTree;
  readonly leftOuts: LeftOuts;
}

async function walkBoth(run: ServerRun, walk: Walk): Promise<MirrorCounts> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await walkOnce(run, walk);
    } catch (error) {
      run.signal.throwIfAborted();
      if (!isOfConnection(error) || attempt === ATTEMPTS_MAX) throw error;
      run.output.remark("the connection was lost: comparing again");
    }
  }
}

async function walkOnce(run: ServerRun, { source, target, leftOuts }: Walk): Promise<MirrorCounts> {
  const { output, signal } = run;
  const total = await source.count();
  using progress = output.progress({ name: "mirror", total, signal });
  const exists = (await target.zk.exists(target.root)) !== undefined;
  return await mirrorTree(
    source.read(sourceOptions(run, leftOuts)),
    exists ? target.read(targetOptions(run)) : nothing(),
    mirrorOptions(run, { source, target }, () => progress.tick()),
  );
}

/** Ephemerals of the target are somebody's: they are neither changed nor deleted. */
function targetOptions({ withAcl, signal }: ServerRun): ReadOptions {
  return { withAcl, withEphemerals: false, signal, onLeftOut: () => undefined };
}

/** Tells of what goes wrong as it does. */
function mirrorOptions(
  { output, withDelete, signal }: ServerRun,
  { source, target: { zk, root } }: Pick<Walk, "source" | "target">,
  onSeen: () => void,
): MirrorOptions {
  let told = 0;
  const tell = (text: string): void => {
    told += 1;
    if (told <= TOLD_MAX) output.remark(text);
    else if (told === TOLD_MAX + 1) output.remark("…");
  };
  return {
    zk,
    root,
    withDelete,
    signal,
    onSeen,
    onRefused: (change, error) => {
      const why = isKeeperError(error) ? describeKeeperError(error) : error;
      tell(`refused: ${change.type} ${change.path}: ${why}`);
    },
    onHidden: ({ path, hidden }) => {
      tell(`may not be read: ${pathIn(hidden === "left" ? source.root : root, path)}`);
    },
  };
}

async function* nothing(): TreeStream {
  // Where nothing is, everything is created.
}
