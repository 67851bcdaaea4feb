import assert from "node:assert/strict";
import type { ZooKeeper } from "../../../src/client/index.ts";
import { Queue } from "../../../src/recipes/index.ts";
import { Contender, KAZOO } from "./contender.ts";
import type { Exchange } from "./exchanges.ts";
import { SHORT_MS, startHolder } from "./killing.ts";

const ENTRIES = 100;
/** When nothing has come for so long there is nothing left. */
const IDLE_S = 2;

/** Takes what there is until nothing has come for some time. */
async function takeAll(queue: Queue): Promise<readonly string[]> {
  const taken: string[] = [];
  for (;;) {
    const signal = AbortSignal.timeout(IDLE_S * 1_000);
    const claim = await queue.take({ signal }).catch(() => undefined);
    if (claim === undefined) return taken;
    taken.push(claim.text);
    await claim.complete();
  }
}

/** Entries that both sides put are taken by both sides, each once. */
export const shareQueue: Exchange = async (zk, contender, path) => {
  const queue = new Queue(zk, path);
  const putting = contender.tell("put", path, 0, ENTRIES / 2);
  for (let number = ENTRIES / 2; number < ENTRIES; number += 1) await queue.put(`${number}`);
  await putting.said();
  // Both have taken one before either can have taken all.
  const first = await queue.take();
  const deed = contender.tell("take", path, IDLE_S);
  assert.equal(await deed.said(), "takes");
  await first.complete();
  const ours = [first.text, ...(await takeAll(queue))];
  const theirs = (await deed.said(1)).split(",");
  const all = [...ours, ...theirs].map(Number).toSorted((a, b) => a - b);
  assert.deepEqual(
    all,
    Array.from({ length: ENTRIES }, (_, number) => number),
  );
};

/** An entry of a consumer of ours that is killed is taken by theirs. */
export async function bequeathEntry(
  zk: ZooKeeper,
  { contender, address }: { readonly contender: Contender; readonly address: string },
  path: string,
): Promise<void> {
  await new Queue(zk, path).put("1");
  const victim = await startHolder(address, "queue", [path]);
  const deed = contender.tell("claim", path);
  await zk.sync();
  assert.equal(deed.has(0), false);
  await victim.kill();
  assert.equal(await deed.said(), "claimed 1");
}

/** An entry of a consumer of theirs that is killed is taken by ours. */
export async function inheritEntry(zk: ZooKeeper, address: string, path: string): Promise<void> {
  const queue = new Queue(zk, path);
  await queue.put("1");
  const victim = await Contender.start(KAZOO, address, SHORT_MS);
  assert.equal(await victim.tell("claim", path).said(), "claimed 1");
  await victim.kill();
  const claim = await queue.take();
  assert.equal(claim.text, "1");
  await claim.complete();
}
