import assert from "node:assert/strict";
import { join } from "node:path";
import type { ZooKeeper } from "../../../src/client/index.ts";
import { poll } from "../../e2e/poll.ts";
import { ProcessGroup } from "../../e2e/process-group.ts";
import { ask, asked } from "./contention.ts";
import { Contender, type Deed, type Library } from "./contender.ts";
import type { Pairing } from "./pairings.ts";

/** The shortest that both servers grant. */
export const SHORT_MS = 4_000;

/** Everything that a process may hold, and who waits for it. */
export interface Killing {
  readonly zk: ZooKeeper;
  readonly address: string;
  readonly library: Library;
  readonly pairings: readonly Pairing[];
  /** A path of its own for each pairing. */
  readonly pathOf: (index: number) => string;
}

/** Their process is killed while it holds everything: we get it when its session has ended. */
export async function killThem({ zk, address, library, pairings, pathOf }: Killing): Promise<void> {
  const victim = await Contender.start(library, address, SHORT_MS);
  const held = pairings.flatMap(({ theirs, places }, index) =>
    Array.from({ length: places }, () => victim.tell("hold", theirs, pathOf(index))),
  );
  for (const deed of held) assert.equal(await deed.said(), "held");
  const waiting = [];
  for (const [index, { take }] of pairings.entries()) {
    waiting.push(await ask(zk, pathOf(index), () => take(zk, pathOf(index))));
  }
  assert.deepEqual(
    waiting.map(({ isHeld }) => isHeld()),
    pairings.map(() => false),
  );
  await victim.kill();
  const taken = await Promise.all(waiting.map((each) => each.taken));
  for (const own of taken) await own.release();
}

/** Our process is killed while it holds everything: they get it when its session has ended. */
export async function killUs(killing: Killing, contender: Contender): Promise<void> {
  const { zk, address, library, pairings, pathOf } = killing;
  const victim = await startHolder(
    address,
    library.name,
    pairings.map((_pairing, index) => pathOf(index)),
  );
  const waiting: Deed[] = [];
  for (const [index, { theirs }] of pairings.entries()) {
    const path = pathOf(index);
    waiting.push(await asked(zk, path, () => contender.tell("hold", theirs, path)));
  }
  assert.ok(waiting.every((deed) => !deed.has(0)));
  await victim.kill();
  for (const deed of waiting) assert.equal(await deed.said(), "held");
  for (const deed of waiting) deed.release();
  await Promise.all(waiting.map((deed) => deed.said(1)));
}

/** A process of ours that holds what `holder.ts` says, with a short session. */
export async function startHolder(
  address: string,
  what: string,
  paths: readonly string[],
): Promise<ProcessGroup> {
  const program = join(import.meta.dirname, "holder.ts");
  const holder = new ProcessGroup(process.execPath, {
    arguments: [program, address, `${SHORT_MS}`, what, ...paths],
  });
  const isReady = () => (holder.output.includes("holds all") ? true : undefined);
  await poll("our process holds everything", isReady).catch((error) => holder.fail(error));
  return holder;
}
