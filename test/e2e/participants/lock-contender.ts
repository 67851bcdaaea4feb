import { readFileSync, writeFileSync } from "node:fs";
import { Connection } from "../client/connection.ts";
import { participantArguments, report } from "./participant.ts";

/**
 * Takes a lock `rounds` times and each time adds one to the number in the file `counter`, which only
 * the holder may touch.
 *
 * The lock is ZooKeeper's recipe without a herd: an ephemeral sequential znode a contender; the
 * lowest holds the lock, every other one watches the one before it.
 */
const { url, counter, rounds } = participantArguments("counter", "rounds");
const connection = await Connection.open(url, { timeoutMs: 30_000 });
report({ ready: connection.sessionId });
await new Promise((resolve) => process.stdin.once("data", resolve));
let waitsCount = 0;
for (let round = 0; round < Number(rounds); round += 1) {
  const mine = await connection.create("/lock/contender-", { mode: "EPHEMERAL_SEQUENTIAL" });
  await beLowest(mine.slice("/lock/".length));
  const count = Number(readFileSync(counter, "utf8"));
  // A round trip in the middle: if another one held the lock too, an addition would be lost.
  await connection.exists(mine);
  writeFileSync(counter, `${count + 1}`);
  await connection.request({ op: "delete", path: mine });
}
report({ waits: waitsCount, wakeUps: connection.eventsCount });
await connection.close();
process.exit();

async function beLowest(mine: string): Promise<void> {
  for (;;) {
    const contenders = await connection.children("/lock");
    const before = contenders[contenders.indexOf(mine) - 1];
    if (before === undefined) return;
    const gone = connection.nextEvent(`/lock/${before}`);
    // getData sets no watch on what is gone already; exists would, and wake nobody ever.
    if ((await connection.data(`/lock/${before}`, true)) === undefined) continue;
    waitsCount += 1;
    await gone;
  }
}
