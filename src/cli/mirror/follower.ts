import { Code, isKeeperError, retry, type Watcher, type ZooKeeper } from "../../client/index.ts";
import { isWithin } from "../../core/path.ts";
import type { ServerTree } from "../tree/open-tree.ts";
import { compareInTree, isOfService, pathIn } from "../tree/tree-node.ts";
import type { Found } from "../tree/walk-stats.ts";

/** Paths looked at together. */
const TOGETHER = 256;

/**
 * Notices what changes in a subtree: paths, each once however often it changed, and whether events
 * were missed because there was no connection.
 *
 * Events tell of creates, deletes and data, not of ACLs. Needs persistent watches: ZooKeeper 3.6.
 */
export class Follower implements Disposable {
  readonly #tree: ServerTree;
  readonly #signal: AbortSignal;
  readonly #stopping: (() => void)[] = [];
  #changed = new Set<string>();
  #hasMissed = false;
  #wasConnected = true;
  #wake = Promise.withResolvers<void>();

  constructor(tree: ServerTree, signal: AbortSignal) {
    this.#tree = tree;
    this.#signal = signal;
  }

  /** From when this resolves on nothing goes unnoticed. @throws KeeperError */
  async start(): Promise<void> {
    const { zk, root } = this.#tree;
    const onAbort = (): void => this.#wake.resolve();
    this.#signal.addEventListener("abort", onAbort);
    const stopListening = zk.onState((state) => {
      if (state === "connected" && !this.#wasConnected) this.miss();
      this.#wasConnected = state === "connected";
    });
    this.#stopping.push(stopListening, () => this.#signal.removeEventListener("abort", onAbort));
    const stopWatching = await zk.addWatch(root, this.#onEvent, { recursive: true });
    // The session ends with the command, and a connection that is lost has none to be told of.
    this.#stopping.push(() => void stopWatching().catch(() => undefined));
  }

  /** Events may have been missed, or what they told of was not carried over. */
  miss(): void {
    this.#hasMissed = true;
    this.#wake.resolve();
  }

  /**
   * Waits for changes.
   *
   * @returns their paths from the root of the tree, in the order of a walk; undefined if everything
   *   has to be looked at
   * @throws the signal's reason
   */
  async next(): Promise<readonly string[] | undefined> {
    while (!this.#hasMissed && this.#changed.size === 0) {
      this.#signal.throwIfAborted();
      await this.#wake.promise;
      this.#wake = Promise.withResolvers();
    }
    this.#signal.throwIfAborted();
    const changed = [...this.#changed].toSorted(compareInTree);
    const hasMissed = this.#hasMissed;
    this.#changed = new Set();
    this.#hasMissed = false;
    return hasMissed ? undefined : changed;
  }

  [Symbol.dispose](): void {
    for (const stop of this.#stopping) stop();
  }

  readonly #onEvent: Watcher = ({ path }) => {
    const { root } = this.#tree;
    // What the source tells decides what is written and deleted at the target, and only in its tree.
    if (isOfService(path) || !isWithin(path, root)) return;
    this.#changed.add(root === "/" && path !== "/" ? path : path.slice(root.length));
    this.#wake.resolve();
  };
}

/** Looks at some paths of a subtree; those where nothing is are passed over. */
export async function* statsOf(
  zk: ZooKeeper,
  root: string,
  paths: readonly string[],
): AsyncGenerator<Found, void, undefined> {
  for (let at = 0; at < paths.length; at += TOGETHER) {
    const some = paths.slice(at, at + TOGETHER);
    const found = await Promise.all(some.map((path) => statOf(zk, root, path)));
    yield* found.filter((each) => each !== undefined);
  }
}

async function statOf(zk: ZooKeeper, root: string, path: string): Promise<Found | undefined> {
  try {
    const stat = await retry(zk, () => zk.exists(pathIn(root, path)));
    return stat && { path, stat };
  } catch (error) {
    if (isKeeperError(error, Code.NOAUTH)) return { path, stat: undefined };
    throw error;
  }
}
