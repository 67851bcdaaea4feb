import { ZooKeeper } from "../../../src/client/index.ts";
import { tcpDial } from "../../../src/client/tcp-transport.ts";
import { Queue } from "../../../src/recipes/index.ts";
import { CURATOR_PAIRINGS, KAZOO_PAIRINGS } from "./pairings.ts";

/**
 * A process that holds everything of ours that the pairings of a library name, or an entry of a queue,
 * until it is killed. Usage: holder.ts host:port timeoutMs library path…
 */
const [address = "", timeoutMs, library, ...paths] = process.argv.slice(2);
const zk = new ZooKeeper(address, { dial: tcpDial, sessionTimeoutMs: Number(timeoutMs) });
const pairings = { Curator: CURATOR_PAIRINGS, kazoo: KAZOO_PAIRINGS }[library ?? ""] ?? [];
if (library === "queue") await new Queue(zk, paths[0] ?? "").take();
for (const [index, { places, take }] of pairings.entries()) {
  for (let place = 0; place < places; place += 1) await take(zk, paths[index] ?? "");
}
process.stdout.write("holds all\n");
