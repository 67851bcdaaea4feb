import { ZooKeeper } from "../../../src/client/index.ts";
import { tcpDial } from "../../../src/client/tcp-transport.ts";
import type { Part, PartContext } from "../part.ts";
import { runCase } from "../run-case.ts";
import { addressOf, type Server } from "../servers.ts";
import { keepOrder, overlapNever } from "./contention.ts";
import { Contender, CURATOR, KAZOO, type Library } from "./contender.ts";
import { CURATOR_EXCHANGES, type Exchange, KAZOO_EXCHANGES } from "./exchanges.ts";
import { killThem, killUs } from "./killing.ts";
import { CURATOR_PAIRINGS, KAZOO_PAIRINGS, type Pairing } from "./pairings.ts";
import { bequeathEntry, inheritEntry, shareQueue } from "./queues.ts";

/** A library, and what of it works together with ours. */
interface Neighbour {
  readonly library: Library;
  readonly pairings: readonly Pairing[];
  readonly exchanges: Readonly<Record<string, Exchange>>;
}

const NEIGHBOURS: readonly Neighbour[] = [
  { library: CURATOR, pairings: CURATOR_PAIRINGS, exchanges: CURATOR_EXCHANGES },
  {
    library: KAZOO,
    pairings: KAZOO_PAIRINGS,
    exchanges: { ...KAZOO_EXCHANGES, "Queue and LockingQueue": shareQueue },
  },
];

/**
 * Our recipes and those of Curator and kazoo at one path, on both servers: [RP20] and the table
 * "Next to Curator and kazoo" in `docs/RECIPES.md`.
 */
export const recipes: Part = {
  name: "recipes",
  async run(context) {
    const meetAll = async (server: Server): Promise<void> => {
      for (const neighbour of NEIGHBOURS) await meet(server, neighbour, context);
    };
    // Most of the time all wait for sessions to end.
    await Promise.all([context.zooKeeper, context.edgekeeper].map(meetAll));
  },
};

/** How long a case may take, milliseconds. */
const CASE_MS = 90_000;

/** Session timeout of who is not to be killed, milliseconds. */
const LONG_MS = 30_000;

async function meet(server: Server, neighbour: Neighbour, context: PartContext): Promise<void> {
  const { library, pairings, exchanges } = neighbour;
  const address = addressOf(server);
  const chroot = `/with-${library.name.toLowerCase()}`;
  await using zk = new ZooKeeper(address, { dial: tcpDial });
  await zk.create(chroot);
  const contender = await Contender.start(library, address, LONG_MS);
  let count = 0;
  const run = async (what: string, act: (path: string) => Promise<void>): Promise<void> => {
    count += 1;
    const name = `${server.name}, ${library.name}: ${what}`;
    const path = `${chroot}/${count}`;
    await runCase(context, { name, run: () => act(path), deadlineMs: CASE_MS });
  };
  for (const pairing of pairings) {
    const both = `${pairing.ours} and ${pairing.theirs}`;
    await run(`${both} never overlap`, (path) => overlapNever({ zk, contender, pairing, path }));
    await run(`${both} keep the order`, (path) => keepOrder({ zk, contender, pairing, path }));
  }
  for (const [name, exchange] of Object.entries(exchanges)) {
    await run(name, (path) => exchange(zk, contender, path));
  }
  const base = { zk, address, library, pairings };
  const pathsBelow = (path: string) => (index: number) => `${path}-${index}`;
  await run("their holder is killed", (path) => killThem({ ...base, pathOf: pathsBelow(path) }));
  await run("our holder is killed", (path) =>
    killUs({ ...base, pathOf: pathsBelow(path) }, contender),
  );
  if (library === KAZOO) {
    await run("a consumer of LockingQueue is killed", (path) => inheritEntry(zk, address, path));
    await run("a consumer of ours is killed", (path) =>
      bequeathEntry(zk, { contender, address }, path),
    );
  }
  await contender.end();
  context.print(`${server.name} with ${library.name}: ${count} cases`);
}
