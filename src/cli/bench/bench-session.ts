import type { ZooKeeper } from "../../client/index.ts";
import type { CommandContext } from "../command-context.ts";
import { CommandError } from "../command-error.ts";
import { errorText } from "../error-text.ts";
import { BenchTree } from "./bench-tree.ts";
import type { Measurements } from "./measurements.ts";
import type { OperationMix } from "./operation-mix.ts";
import { RequestSource } from "./request-source.ts";
import { type LoadShape, type LoadStarted, runLoad } from "./run-load.ts";

/** How long cleaning up may take, milliseconds. */
const REMOVAL_MS = 60_000;

/** What stays the same over the loads of one command. */
export interface BenchOptions {
  /** Where the subtree hangs. */
  readonly parent: string;
  readonly connectionsCount: number;
  readonly keysCount: number;
  /** Bytes of every znode. */
  readonly size: number;
}

/** Connections to load a server with, and a subtree for it. */
export interface BenchSession {
  /** Runs one load. @throws what the signal was aborted with */
  readonly run: (
    mix: OperationMix,
    shape: LoadShape,
    started?: LoadStarted,
  ) => Promise<Measurements>;
}

/**
 * Makes connections and a subtree, and takes both away however `work` ends, before an interruption
 * ends the process. A second Ctrl-C leaves the rest of the subtree, which is then named.
 *
 * @param work - prints what it found, too: cleaning up may take a while, or fail.
 * @throws CommandError if something is left
 */
export async function withBenchSession<T>(
  context: CommandContext,
  options: BenchOptions,
  work: (session: BenchSession) => Promise<T>,
): Promise<T> {
  const { connection, interrupts } = context;
  const control = await connection.client();
  return interrupts.during(useSession(context, control, { options, work }));
}

interface Use<T> {
  readonly options: BenchOptions;
  readonly work: (session: BenchSession) => Promise<T>;
}

async function useSession<T>(
  context: CommandContext,
  control: ZooKeeper,
  { options, work }: Use<T>,
): Promise<T> {
  const { connection, signal } = context;
  const tree = new BenchTree(options.parent, options.keysCount);
  const data = new Uint8Array(options.size).fill(0x78);
  const connections = Array.from({ length: options.connectionsCount }, () => connection.another());
  const interrupt = (): void => connections.forEach((one) => one.interrupt());
  signal.addEventListener("abort", interrupt);
  try {
    await tree.plant(control, data);
    const clients = await Promise.all(connections.map((one) => one.client()));
    return await work({
      run: async (mix, shape, started) => {
        const sources = clients.map((zk) => new RequestSource(zk, { tree, mix, data }));
        const measured = await runLoad(sources, control.clock, { shape, signal, started });
        signal.throwIfAborted();
        return measured;
      },
    });
  } finally {
    signal.removeEventListener("abort", interrupt);
    // Whatever they still asked for is there before it is removed.
    await Promise.allSettled(connections.map((one) => one.close()));
    await removeTree(context, control, tree);
  }
}

/** @throws CommandError if something is left, which it has named */
async function removeTree(
  { output, interrupts: { insisting } }: CommandContext,
  control: ZooKeeper,
  tree: BenchTree,
): Promise<void> {
  output.status(`removing ${tree.root}`);
  const gaveUp = new AbortController();
  const giveUp = (why: string): void => gaveUp.abort(new Error(why));
  const cancel = control.clock.after(REMOVAL_MS, () =>
    giveUp(`it took over ${REMOVAL_MS / 1_000} s`),
  );
  const insisted = (): void => giveUp("interrupted");
  insisting.addEventListener("abort", insisted);
  const givenUp = Promise.withResolvers<never>();
  gaveUp.signal.addEventListener("abort", () => givenUp.reject(gaveUp.signal.reason));
  try {
    await Promise.race([tree.remove(control, gaveUp.signal), givenUp.promise]);
  } catch (error) {
    const why = errorText(error)?.text ?? (error instanceof Error ? error.message : String(error));
    output.status("");
    output.remark(output.paintError("error", `${tree.root} was not removed: ${why}`));
    throw new CommandError("");
  } finally {
    output.status("");
    cancel();
    insisting.removeEventListener("abort", insisted);
  }
}
