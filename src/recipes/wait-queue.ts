import {
  childPath,
  Code,
  type Created,
  type Data,
  ensurePath,
  isKeeperError,
  KeeperError,
  nameOf,
  protectedCreate,
  retry,
  type ZooKeeper,
} from "../client/index.ts";
import { Interruption } from "./interruption.ts";
import type { RecipeOptions } from "./recipe-options.ts";
import { DIGITS, inSequence } from "./sequence-order.ts";

/** A queue of ephemerals, and who has to go before one may pass. */
export interface WaitQueue extends RecipeOptions {
  /** The znode under which everybody queues up; made if it does not exist. */
  readonly path: string;
  /** How it is made: as a container, which goes by itself, if absent. */
  readonly parents?: "PERSISTENT" | "CONTAINER" | undefined;
  /** What the name has between its prefix and its digits. */
  readonly name: string;
  /** What the name begins with, unlike all others; Curator's `_c_<uuid>-` if absent. */
  readonly prefix?: string | undefined;
  /** For humans, and for whoever asks who is there. */
  readonly data?: Data | undefined;
  /**
   * For a change of whom to wait; of nobody when it is one's turn. As few as can be: who leaves wakes
   * those who named him.
   *
   * @param before - those who came before, in order.
   */
  readonly blockers: (before: readonly string[]) => readonly string[];
  /**
   * Waits for anybody to come or go instead, for queues in which one at a time waits. Whoever has a
   * name of another kind counts as one who came before.
   */
  readonly waitsForAnybody?: boolean;
}

/** The blocker of whoever may pass alone: the one before. */
export const lastOf = (before: readonly string[]): readonly string[] => before.slice(-1);

/** How long somebody is willing to wait. */
export interface EnterOptions {
  /** Leaves the queue, and its znode with it. */
  readonly signal?: AbortSignal | undefined;
  /** Called when there is somebody to wait for, the first time. */
  readonly onBlocked?: (() => void) | undefined;
}

/**
 * Queues up and waits until it is one's turn.
 *
 * Whoever loses his session while waiting queues up again, at the end. Whoever is interrupted leaves
 * no znode behind: it is deleted before this rejects, or goes with the session.
 *
 * @returns one's own znode; its czxid is larger than that of everybody who had his turn before.
 * @throws the signal's reason; KeeperError when the client is closed or may not do this.
 */
export async function enter(
  zk: ZooKeeper,
  queue: WaitQueue,
  options: EnterOptions = {},
): Promise<Created> {
  for (;;) {
    try {
      return await enterOnce(zk, queue, options);
    } catch (error) {
      const isOut = error instanceof Displaced || isKeeperError(error, Code.SESSIONEXPIRED);
      if (!isOut || zk.state === "closed" || options.signal?.aborted === true) throw error;
    }
  }
}

/** Our znode is gone: somebody deleted it, or the server ended our session. */
class Displaced extends Error {}

async function enterOnce(
  zk: ZooKeeper,
  queue: WaitQueue,
  { signal, onBlocked }: EnterOptions,
): Promise<Created> {
  using interruption = new Interruption(zk, signal);
  interruption.throwIfInterrupted();
  const making = makeEntry(zk, queue);
  try {
    const own = await interruption.race(making);
    await waitForTurn(zk, queue, nameOf(own.path), { interruption, onBlocked });
    return own;
  } catch (error) {
    await settledSoon(
      zk,
      making.then((own) => leave(zk, own.path)),
    );
    throw error;
  }
}

async function makeEntry(zk: ZooKeeper, queue: WaitQueue): Promise<Created> {
  const path = childPath(queue.path, queue.name);
  const { acl, prefix, parents: mode = "CONTAINER" } = queue;
  const options = { ephemeral: true, sequential: true, prefix, acl };
  for (;;) {
    try {
      return await protectedCreate(zk, path, queue.data ?? "", options);
    } catch (error) {
      if (!isKeeperError(error, Code.NONODE)) throw error;
      // A container may go again before we are in it.
      await ensurePath(zk, queue.path, { mode, acl });
    }
  }
}

async function waitForTurn(
  zk: ZooKeeper,
  queue: WaitQueue,
  ownName: string,
  wait: { readonly interruption: Interruption; readonly onBlocked: (() => void) | undefined },
): Promise<void> {
  let onBlocked = wait.onBlocked;
  for (;;) {
    const changed = Promise.withResolvers<void>();
    const watch = queue.waitsForAnybody === true ? () => changed.resolve() : undefined;
    const reading = retry(zk, () => zk.children(queue.path, { watch }));
    const { children } = await wait.interruption.race(reading);
    if (!children.includes(ownName)) throw new Displaced();
    const blockers = queue.blockers(namesBefore(ownName, children, queue));
    if (blockers.length === 0) return;
    onBlocked?.();
    onBlocked = undefined;
    // Who gives up at once leaves no watch behind.
    wait.interruption.throwIfInterrupted();
    if (watch !== undefined) await wait.interruption.race(changed.promise);
    else {
      const changes = blockers.map((name) =>
        changeOf(zk, childPath(queue.path, name), wait.interruption),
      );
      await Promise.race(changes);
    }
  }
}

/** Who came before somebody, in order. */
function namesBefore(
  ownName: string,
  names: readonly string[],
  { name: kind, waitsForAnybody = false }: WaitQueue,
): readonly string[] {
  const isOfKind = (name: string): boolean => name.slice(0, -DIGITS).endsWith(kind);
  const [strangers, line] = waitsForAnybody
    ? [names.filter((name) => !isOfKind(name)), names.filter(isOfKind)]
    : [[], names];
  const inLine = inSequence(line);
  return [...strangers, ...inLine.slice(0, inLine.indexOf(ownName))];
}

/** Waits until a znode changes or is gone. */
async function changeOf(zk: ZooKeeper, path: string, interruption: Interruption): Promise<void> {
  const changed = Promise.withResolvers<void>();
  try {
    // Not `exists`: that would leave a watch behind on a name that never comes back.
    await interruption.race(retry(zk, () => zk.get(path, { watch: () => changed.resolve() })));
  } catch (error) {
    if (isKeeperError(error, Code.NONODE)) return;
    throw error;
  }
  await interruption.race(changed.promise);
}

/**
 * Deletes one's own znode, in one session only: in another one the path may be somebody else's. It
 * is not waited for longer than the session lasts.
 */
export async function leave(
  zk: ZooKeeper,
  path: string,
  session: bigint | undefined = zk.sessionId,
): Promise<void> {
  const deleting = retry(zk, () => inSession(zk, session, () => zk.delete(path)));
  await settledSoon(zk, deleting.catch(ignoreNoNode));
}

/**
 * Asks for something if the session is still this one; what waits for a connection fails when it is
 * lost, so that it is never carried out in the next.
 *
 * @throws KeeperError SESSIONEXPIRED
 */
export async function inSession<T>(
  zk: ZooKeeper,
  session: bigint | undefined,
  operation: () => Promise<T>,
): Promise<T> {
  if (zk.sessionId !== session) throw new KeeperError(Code.SESSIONEXPIRED);
  return await operation();
}

/** Waits for something, unless there is no session that could keep a znode alive. */
export async function settledSoon(zk: ZooKeeper, cleaning: Promise<void>): Promise<void> {
  const cleaned = cleaning.catch((error: unknown) => {
    if (!isKeeperError(error, Code.SESSIONEXPIRED, Code.CONNECTIONLOSS)) throw error;
  });
  if (zk.state === "connected" || zk.state === "suspended") await cleaned;
  else cleaned.catch(() => undefined);
}

/** How a queue is looked at. */
interface QueuedOptions {
  readonly watch?: (() => void) | undefined;
  /** Who is in it, in which order; all whose names end in digits, by them, if absent. */
  readonly order?: (names: readonly string[]) => readonly string[];
}

/** Paths of everybody in a queue, in order; of nobody if there is no queue. */
export async function queued(
  zk: ZooKeeper,
  path: string,
  { watch, order = inSequence }: QueuedOptions = {},
): Promise<readonly string[]> {
  try {
    const { children } = await retry(zk, () => zk.children(path, { watch }));
    return order(children).map((name) => childPath(path, name));
  } catch (error) {
    if (isKeeperError(error, Code.NONODE)) return [];
    throw error;
  }
}

/** What everybody in a queue says of himself, in order. */
export async function queuedData(
  zk: ZooKeeper,
  path: string,
  order?: QueuedOptions["order"],
): Promise<readonly string[]> {
  const paths = await queued(zk, path, order === undefined ? {} : { order });
  const znodes = await Promise.all(
    paths.map((peer) => retry(zk, () => zk.get(peer)).catch(ignoreNoNode)),
  );
  return znodes.filter((znode) => znode !== undefined).map(({ text }) => text);
}

/** For a znode that may be gone. */
export function ignoreNoNode(error: unknown): undefined {
  if (!isKeeperError(error, Code.NONODE)) throw error;
}
