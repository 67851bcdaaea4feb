import { Connection } from "../client/connection.ts";
import { KeeperError } from "../client/keeper-error.ts";
import { poll } from "../poll.ts";
import { participantArguments, report } from "./participant.ts";

/**
 * Writes as fast as the service takes it and reports what was acknowledged, until its standard input
 * ends. When the connection is lost it resumes its session and goes on; a write whose answer was lost
 * is not repeated.
 */
const OUTSTANDING = 16;
const { url, name } = participantArguments("name");
let connection = await Connection.open(url, { timeoutMs: 20_000 });
let nextPair = 0;
let isStopping = false;
process.stdin.resume().on("end", () => (isStopping = true));
await connection.create(`/live/${name}`, { mode: "EPHEMERAL" });
report({ session: connection.sessionId });
while (!isStopping) {
  const lanes = Array.from({ length: OUTSTANDING }, (_, lane) => writeUntilLost(lane));
  await Promise.all(lanes);
  if (!isStopping) await resume();
}
report({ stopped: name });
process.exit();

/** One write outstanding at a time; every fourth lane takes numbers, the others write pairs. */
async function writeUntilLost(lane: number): Promise<void> {
  try {
    while (!isStopping) await (lane % 4 === 0 ? takeNumber() : writePair());
  } catch (error) {
    if (!(error instanceof KeeperError) || error.code !== "CONNECTIONLOSS") throw error;
  }
}

/** Two znodes in one transaction: one without the other would be half a write. */
async function writePair(): Promise<void> {
  const pair = `${name}-${nextPair}`;
  nextPair += 1;
  const data = pair.repeat(20);
  const { zxid } = await connection.multi([
    { op: "create", path: `/load/${pair}-a`, data },
    { op: "create", path: `/load/${pair}-b`, data },
  ]);
  report({ pair, zxid });
}

/** Takes the next sequence number and deletes its znode, so that nothing but the parent knows it. */
async function takeNumber(): Promise<void> {
  const operation = { op: "create", path: "/numbers/n-", mode: "PERSISTENT_SEQUENTIAL" };
  const { path = "", zxid } = await connection.request(operation);
  report({ number: Number(path.slice("/numbers/n-".length)), zxid });
  await connection.request({ op: "delete", path });
}

async function resume(): Promise<void> {
  const { session, lastZxid, sessionId } = connection;
  connection = await poll("the service is back", async () => {
    try {
      return await Connection.open(url, { timeoutMs: 20_000, resume: { session, lastZxid } });
    } catch (error) {
      if (error instanceof KeeperError && error.code === "CONNECTIONLOSS") return undefined;
      throw error;
    }
  });
  const { stat } = await connection.request({ op: "exists", path: `/live/${name}` });
  report({
    resumed: connection.sessionId,
    isSameSession: connection.sessionId === sessionId,
    isOwner: stat?.ephemeralOwner === sessionId,
    from: lastZxid,
  });
}
