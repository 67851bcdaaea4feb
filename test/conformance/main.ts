import { parseArgs } from "node:util";
import { cleanUp } from "../e2e/clean-up.ts";
import { badInput } from "./bad-input/bad-input.ts";
import { clients } from "./clients/clients.ts";
import { commands } from "./commands/commands.ts";
import { fuzz } from "./fuzz/fuzz.ts";
import { kazoo } from "./kazoo/kazoo.ts";
import { mirror } from "./mirror/mirror.ts";
import { nodeClient } from "./node-client/node-client.ts";
import { recipes } from "./recipes/recipes.ts";
import { stackOf } from "./run-case.ts";
import type { Part, PartContext } from "./part.ts";
import { tls } from "./tls/tls.ts";
import { edgekeeperShell } from "./zkcli/edgekeeper-shell.ts";
import { zkcli } from "./zkcli/zkcli.ts";
import { runningServer, type Server, startEdgekeeper, startZooKeeper } from "./servers.ts";

/**
 * The fuzzer comes first: sessions that other parts leave behind expire at zxids of their own. Those
 * that use our client come last: they leave more behind here than there, where it has one door less.
 */
const PARTS: readonly Part[] = [
  fuzz,
  zkcli,
  clients,
  badInput,
  kazoo,
  edgekeeperShell,
  commands,
  tls,
  nodeClient,
  mirror,
  recipes,
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    zookeeper: { type: "string" },
    edgekeeper: { type: "string" },
    self: { type: "boolean", default: false },
    operations: { type: "string", default: "100000" },
    seed: { type: "string", default: "1" },
  },
});

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function selectedParts(): readonly Part[] {
  const names = PARTS.map(({ name }) => name);
  const unknown = positionals.filter((name) => !names.includes(name));
  if (unknown.length > 0)
    throw new Error(`expected ${names.join(", ")}, saw ${unknown.join(", ")}`);
  return positionals.length === 0 ? PARTS : PARTS.filter(({ name }) => positionals.includes(name));
}

function startUnderTest(): Promise<Server> {
  if (values.edgekeeper !== undefined) {
    return Promise.resolve(runningServer("edgekeeper", values.edgekeeper));
  }
  // Against itself ZooKeeper must have no difference at all: a test of the suite.
  return values.self ? startZooKeeper("ZooKeeper again") : startEdgekeeper("edgekeeper");
}

/** What one part counted. */
interface Counts {
  passed: number;
  failed: number;
}

async function runPart(part: Part, servers: Pick<PartContext, "zooKeeper" | "edgekeeper">) {
  const counts: Counts = { passed: 0, failed: 0 };
  const startMs = Date.now();
  print(`\n== ${part.name}`);
  const failed = (test: string, why: string) => {
    counts.failed += 1;
    print(`FAILED ${part.name}: ${test}\n${why}`);
  };
  const context: PartContext = {
    ...servers,
    operations: Number(values.operations),
    seed: Number(values.seed),
    passed: () => (counts.passed += 1),
    failed,
    print,
  };
  await part.run(context).catch((error: unknown) => {
    failed("the part itself", stackOf(error));
  });
  const seconds = Math.round((Date.now() - startMs) / 1_000);
  print(`${part.name}: ${counts.passed} passed, ${counts.failed} failed, ${seconds} s`);
  return counts;
}

async function main(): Promise<boolean> {
  const parts = selectedParts();
  const zooKeeper =
    values.zookeeper === undefined
      ? await startZooKeeper("ZooKeeper")
      : runningServer("ZooKeeper", values.zookeeper);
  const edgekeeper = await startUnderTest();
  const total: Counts = { passed: 0, failed: 0 };
  for (const part of parts) {
    const counts = await runPart(part, { zooKeeper, edgekeeper });
    total.passed += counts.passed;
    total.failed += counts.failed;
  }
  await Promise.all([zooKeeper.stop(), edgekeeper.stop()]);
  print(`\n${total.passed} passed, ${total.failed} failed`);
  return total.failed === 0 && total.passed > 0;
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void cleanUp().finally(() => process.exit(1)));
}

try {
  process.exitCode = (await main()) ? 0 : 1;
} finally {
  await cleanUp();
}
