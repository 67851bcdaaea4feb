import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ZooKeeper } from "../../../src/client/index.ts";
import { tcpDial } from "../../../src/client/tcp-transport.ts";
import { Lock, type LockLayout } from "../../../src/recipes/index.ts";
import { ProcessGroup } from "../../e2e/process-group.ts";
import { poll } from "../../e2e/poll.ts";
import { newFolder } from "../../e2e/service.ts";
import type { Part, PartContext } from "../part.ts";
import { addressOf, type Server } from "../servers.ts";

/** Debian's Python, where python3-kazoo is. */
const PYTHON = "/usr/bin/python3";
const ROUNDS = 50;
const END_MS = 60_000;

/** A lock of ours and one of kazoo that are to be one lock. */
interface Pair {
  readonly layout: LockLayout;
  /** What kazoo is told to count as contenders besides its own. */
  readonly patterns: string;
}

const PAIRS: readonly Pair[] = [
  { layout: "kazoo", patterns: "" },
  { layout: "curator", patterns: "-lock-" },
];

/** Our lock and kazoo's on one path, [RP20]: nobody holds it while the other one does. */
export const recipes: Part = {
  name: "recipes",
  async run(context) {
    for (const server of [context.zooKeeper, context.edgekeeper]) {
      for (const pair of PAIRS) await contend(server, pair, context);
    }
  },
};

async function contend(
  server: Server,
  { layout, patterns }: Pair,
  { passed, failed, print }: PartContext,
): Promise<void> {
  const name = `${server.name}: Lock in the layout of ${layout} with kazoo's`;
  const path = `/recipes-${layout}`;
  const held = join(newFolder(), "held");
  const script = join(import.meta.dirname, "contender.py");
  await using zk = new ZooKeeper(addressOf(server), { dial: tcpDial });
  const lock = new Lock(zk, path, { layout, data: "edgekeeper" });
  const first = await lock.acquire();
  const kazoo = new ProcessGroup(PYTHON, {
    arguments: [script, addressOf(server), path, held, `${ROUNDS}`, patterns],
  });
  // Both have to be there before anybody counts: kazoo waits for us.
  const isThere = async () => ((await lock.contenders()).includes("kazoo") ? true : undefined);
  await poll("kazoo contends", isThere, END_MS);
  await first.release();
  let [overlaps, waits] = [0, 0];
  for (let round = 0; round < ROUNDS; round += 1) {
    if ((await lock.contenders()).includes("kazoo")) waits += 1;
    await lock.run(async () => {
      if (!makeFile(held)) overlaps += 1;
      else {
        await zk.sync();
        rmSync(held);
      }
    });
  }
  const kazooSays = await poll(
    "kazoo ends",
    () => /overlaps (\d+)/.exec(kazoo.output)?.[1],
    END_MS,
  );
  print(`${name}: ${ROUNDS} rounds each, ${waits} of ours behind kazoo, ${overlaps} overlaps`);
  if (overlaps === 0 && kazooSays === "0" && waits > 0) passed(name);
  else
    failed(name, `  ours ${overlaps}, kazoo's ${kazooSays}, met ${waits} times\n${kazoo.output}`);
}

/** @returns false if it is there already. */
function makeFile(path: string): boolean {
  try {
    writeFileSync(path, "", { flag: "wx" });
    return true;
  } catch {
    return false;
  }
}
