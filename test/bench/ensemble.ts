import { poll } from "../e2e/poll.ts";
import { type BareWorkerd, startBareWorkerd } from "./bare-workerd.ts";
import { JsonClient } from "./json-client.ts";
import { DIGITS } from "./native-frames.ts";
import { compare, median, roundsOf, rowsOf, targetOf } from "./native.ts";
import { KEYS, KEYS_PATH, runRound } from "./native-rounds.ts";
import { startZooKeeperEnsemble } from "./zookeeper-ensemble.ts";

const SHAPE = { connections: 16, outstanding: 64 };
const MEASURE_MS = 1_500;
const START_MS = 60_000;

/**
 * Compares an ensemble of three objects with Apache ZooKeeper as three servers, on this machine.
 *
 * Native rows have ZooKeeper's contract on both sides. The rows of JSON are reads of the service's
 * own clients, linearizable by default or local by choice, against ZooKeeper's native reads.
 *
 * @param words - operations, shapes such as `16x64` and `rounds=3`; 16x64 if none is named.
 */
export async function benchEnsemble(words: readonly string[]): Promise<void> {
  const hasShape = words.some((word) => /^\d+x\d+$/.test(word));
  const rows = rowsOf(hasShape ? words : [...words, "16x64"]);
  const rounds = roundsOf(words);
  const zooKeeper = await startZooKeeperEnsemble();
  const workerd = await startBareWorkerd({ ensemble: "3" });
  try {
    await hasLeader(workerd);
    await compare([zooKeeper, targetOf(workerd)], rows, rounds);
    for (const consistency of [undefined, "local"] as const) {
      const rates: { readonly base: number; readonly candidate: number }[] = [];
      for (let round = 0; round < rounds; round += 1) {
        const base = (await runRound(zooKeeper, "get", SHAPE, MEASURE_MS)).rate;
        rates.push({ base, candidate: await readJson(workerd, consistency) });
      }
      const name = consistency === undefined ? "linearizable" : "local";
      const base = median(rates.map((rate) => rate.base)).toFixed(0);
      const candidate = median(rates.map((rate) => rate.candidate)).toFixed(0);
      const ratio = median(rates.map((rate) => rate.candidate / rate.base)).toFixed(2);
      console.log(`JSON getData, ${name}, 16x64: ${base}/s, ${candidate}/s, ratio ${ratio}`);
    }
  } finally {
    await workerd.stop();
    await zooKeeper.stop();
  }
}

/** An ensemble elects when somebody asks. */
async function hasLeader({ url }: BareWorkerd): Promise<void> {
  const answers = async (): Promise<true | undefined> => {
    const { ok } = await fetch(`http://${url}/znodes/?children`);
    return ok ? true : undefined;
  };
  await poll("the ensemble has a leader", answers, START_MS);
}

function pathOf(number: number): string {
  return `${KEYS_PATH}/${String(number).padStart(DIGITS, "0")}`;
}

/** @returns reads a second. */
async function readJson(workerd: BareWorkerd, consistency: "local" | undefined): Promise<number> {
  const clients = await Promise.all(
    Array.from({ length: SHAPE.connections }, () =>
      JsonClient.open(workerd, { outstanding: SHAPE.outstanding, isBatching: true }),
    ),
  );
  const option = consistency === undefined ? {} : { consistency };
  const startedAt = performance.now();
  await Promise.all(
    clients.map((client) =>
      client.run(
        (id) => ({ op: "getData", path: pathOf((id * 7) % KEYS), ...option }),
        startedAt + MEASURE_MS,
      ),
    ),
  );
  const seconds = (performance.now() - startedAt) / 1_000;
  const answers = clients.reduce((sum, { latencies }) => sum + latencies.length, 0);
  for (const client of clients) client.close();
  return answers / seconds;
}
