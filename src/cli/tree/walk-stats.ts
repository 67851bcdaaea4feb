import { Code, isKeeperError, retry, type Stat, type ZooKeeper } from "../../client/index.ts";
import { CommandError } from "../command-error.ts";
import { pathIn } from "./tree-node.ts";

/** A znode on a walk. */
export interface Found {
  /** From the root of the walk. */
  readonly path: string;
  /** Undefined for one whose children may not be seen. */
  readonly stat: Stat | undefined;
}

/** How to walk. */
export interface WalkStatsOptions {
  readonly signal: AbortSignal;
  /** Asked for whole paths; what is left out is not looked at, nor what is below it. */
  readonly isLeftOut: (path: string) => boolean;
}

/** Znodes looked at ahead of the one that is next; half of them are asked for in one piece. */
const AHEAD = 512;

interface Step {
  readonly path: string;
  looking: Promise<Look | undefined> | undefined;
}

interface Look extends Found {
  readonly names: readonly string[];
}

/**
 * Walks a subtree, a znode before its children, siblings by name, and looks ahead: a round trip is
 * shared by many. Znodes that went away are passed over.
 */
export async function* walkStats(
  zk: ZooKeeper,
  root: string,
  { signal, isLeftOut }: WalkStatsOptions,
): AsyncGenerator<Found, void, undefined> {
  // The last one is next.
  const open: Step[] = [{ path: "", looking: undefined }];
  let aheadCount = 0;
  const look = (step: Step): void => {
    if (step.looking !== undefined) return;
    aheadCount += 1;
    step.looking = lookAt(zk, root, step.path);
    // Looked at in its turn.
    step.looking.catch(() => undefined);
  };
  for (let step = open.pop(); step !== undefined; step = open.pop()) {
    signal.throwIfAborted();
    look(step);
    if (aheadCount <= AHEAD / 2) {
      for (let at = open.length - 1; at >= 0 && aheadCount < AHEAD; at -= 1) look(open[at] ?? step);
    }
    const seen = await step.looking;
    aheadCount -= 1;
    if (seen === undefined) continue;
    yield seen;
    for (const name of seen.names.toReversed()) {
      const path = `${seen.path}/${name}`;
      if (!isLeftOut(pathIn(root, path))) open.push({ path, looking: undefined });
    }
  }
}

async function lookAt(zk: ZooKeeper, root: string, path: string): Promise<Look | undefined> {
  const whole = pathIn(root, path);
  try {
    const stat = await retry(zk, () => zk.exists(whole));
    if (stat === undefined || stat.numChildren === 0) return stat && { path, stat, names: [] };
    const { children } = await retry(zk, () => zk.children(whole));
    for (const name of children) checkName(name, whole);
    return { path, stat, names: children.toSorted() };
  } catch (error) {
    if (isKeeperError(error, Code.NONODE)) return undefined;
    if (isKeeperError(error, Code.NOAUTH)) return { path, stat: undefined, names: [] };
    throw error;
  }
}

/**
 * A name with which a server leads to another place, of a tree or of the files that an archive becomes.
 *
 * @throws CommandError
 */
function checkName(name: string, parent: string): void {
  const isName = name !== "" && name !== "." && name !== ".." && !/[/\0]/.test(name);
  if (isName) return;
  throw new CommandError(`expected a name of a child of ${parent}, saw ${JSON.stringify(name)}`);
}
