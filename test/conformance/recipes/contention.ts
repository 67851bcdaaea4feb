import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parentOf, type ZooKeeper } from "../../../src/client/index.ts";
import { poll } from "../../e2e/poll.ts";
import { newFolder } from "../../e2e/service.ts";
import type { Contender, Deed } from "./contender.ts";
import type { Pairing, Taken } from "./pairings.ts";

const ROUNDS = 30;

/** Both sides of a pairing, at one path. */
export interface Match {
  readonly zk: ZooKeeper;
  readonly contender: Contender;
  readonly pairing: Pairing;
  readonly path: string;
}

/** Both sides take it again and again; nobody has it while there is no place for him. */
export async function overlapNever({ zk, contender, pairing, path }: Match): Promise<void> {
  const { places, theirs, take } = pairing;
  const folder = newFolder();
  const first = await takeAll(places, () => take(zk, path));
  // Both have to be there before anybody counts: they wait for us.
  const deeds: Deed[] = [];
  for (let place = 0; place < places; place += 1) {
    const contend = (): Deed => contender.tell("contend", theirs, path, folder, ROUNDS, places);
    deeds.push(await asked(zk, path, contend));
  }
  let overlaps = 0;
  const contendHere = async (own: Taken): Promise<void> => {
    await own.release();
    for (let round = 0; round < ROUNDS; round += 1) {
      const taken = await take(zk, path);
      const place = takePlace(folder, places);
      await zk.sync();
      if (place === undefined) overlaps += 1;
      else rmSync(place);
      await taken.release();
    }
  };
  await Promise.all(first.map(contendHere));
  const theirOverlaps = await Promise.all(deeds.map((deed) => deed.said()));
  assert.deepEqual([overlaps, ...theirOverlaps], [0, ...deeds.map(() => "0")]);
}

/** Whoever asked first gets it first: they, we, they; and we, they, we. */
export async function keepOrder({ zk, contender, pairing, path }: Match): Promise<void> {
  const { places, theirs, take } = pairing;
  const hold = (): Deed => contender.tell("hold", theirs, path);
  const held = Array.from({ length: places }, hold);
  for (const deed of held) assert.equal(await deed.said(), "held");
  const ours = await ask(zk, path, () => take(zk, path));
  const last = await asked(zk, path, hold);
  assert.deepEqual([ours.isHeld(), last.has(0)], [false, false]);
  held[0]?.release();
  const own = await ours.taken;
  assert.equal(last.has(0), false);
  await own.release();
  assert.equal(await last.said(), "held");
  for (const deed of [...held.slice(1), last]) deed.release();
  await Promise.all([...held, last].map((deed) => deed.said(1)));

  const owns = await takeAll(places, () => take(zk, path));
  const next = await asked(zk, path, hold);
  const end = await ask(zk, path, () => take(zk, path));
  assert.deepEqual([next.has(0), end.isHeld()], [false, false]);
  await owns[0]?.release();
  assert.equal(await next.said(), "held");
  assert.equal(end.isHeld(), false);
  next.release();
  await next.said(1);
  await (await end.taken).release();
  for (const taken of owns.slice(1)) await taken.release();
}

/** Asks for something of ours that somebody else has, and waits until that is known. */
export async function ask(zk: ZooKeeper, path: string, take: () => Promise<Taken>) {
  let isHeld = false;
  const taken = await asked(zk, path, () => ({
    taken: take().then((own) => {
      isHeld = true;
      return own;
    }),
  }));
  return { ...taken, isHeld: () => isHeld };
}

/** Does something that makes a znode beside a path or below it, and waits until it is there. */
export async function asked<T>(zk: ZooKeeper, path: string, act: () => T): Promise<T> {
  const root = parentOf(path);
  const before = new Set(await treeOf(zk, root));
  const acting = act();
  // Not their number: containers go by themselves.
  const isThere = async () =>
    (await treeOf(zk, root)).some((znode) => !before.has(znode)) ? true : undefined;
  await poll(`somebody is new below ${root}`, isThere);
  return acting;
}

/** A znode and all below it. */
async function treeOf(zk: ZooKeeper, path: string): Promise<readonly string[]> {
  const { children } = await zk.children(path).catch(() => ({ children: [] }));
  const below = await Promise.all(children.map((name) => treeOf(zk, `${path}/${name}`)));
  return [path, ...below.flat()];
}

async function takeAll(count: number, take: () => Promise<Taken>): Promise<readonly Taken[]> {
  const all: Taken[] = [];
  for (let index = 0; index < count; index += 1) all.push(await take());
  return all;
}

/** @returns a file that is ours until it is deleted; undefined if all are taken. */
function takePlace(folder: string, places: number): string | undefined {
  for (let place = 0; place < places; place += 1) {
    const path = join(folder, `place-${place}`);
    try {
      writeFileSync(path, "", { flag: "wx" });
      return path;
    } catch {
      // The next one may be free.
    }
  }
  return undefined;
}
