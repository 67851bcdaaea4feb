import { poll } from "../../e2e/poll.ts";
import type { PartContext } from "../part.ts";
import { type Crowd, CROWDS, type Target } from "./crowds.ts";
import { ServiceProcess } from "./service-process.ts";

const MIB = 1_048_576;
const SAMPLE_MS = 20;
/** What passes through while a crowd comes and is not collected yet, whatever the crowd. */
const GARBAGE_BYTES = 384 * MIB;
/** Rounds of all crowds in which the heap finds its size, and in which it keeps it. */
const ROUNDS = { settling: 5, settled: 3 } as const;
/** How far a settled heap still swings; three rounds that kept 16 KiB a client would be more. */
const SWING_BYTES = 96 * MIB;

interface Watched extends Target {
  readonly process: ServiceProcess;
}

/** Memory before a crowd came, while it was there, and once it had left. */
interface Usage {
  readonly before: number;
  readonly peak: number;
  readonly after: number;
}

/**
 * Whether edgekeeper's memory stays bounded while crowds are there, and keeps nothing of them. Before
 * all other crowds: in a process that once was large nothing can be seen to grow.
 */
export async function boundMemory(context: PartContext): Promise<void> {
  const process = ServiceProcess.of(context.edgekeeper);
  if (process === undefined) {
    context.print("memory is not looked at: it takes Linux and a server that this program started");
    return;
  }
  const watched: Watched = { server: context.edgekeeper, process };
  for (const crowd of CROWDS) await staysBounded(watched, crowd, context);
  await keepsNothing(watched, context);
}

async function staysBounded(watched: Watched, crowd: Crowd, context: PartContext): Promise<void> {
  const test = `memory is bounded beside ${crowd.name}`;
  const { before, peak, after } = await visit(watched, crowd);
  const bound = GARBAGE_BYTES + crowd.connections * crowd.bytesEach;
  const line = `${mib(before)} before, ${mib(peak)} at most, ${mib(after)} after ${crowd.name}`;
  context.print(`memory ${line}`);
  if (peak - before <= bound) context.passed(test);
  else context.failed(test, `  expected ${mib(bound)} more at most, saw ${line}`);
}

/** A heap grows at first because it may; what still grows behind that was never let go. */
async function keepsNothing(watched: Watched, context: PartContext): Promise<void> {
  const test = "memory settles under repeated crowds";
  const after = [watched.process.memory];
  while (after.length < ROUNDS.settling + ROUNDS.settled) {
    for (const crowd of CROWDS) await visit(watched, crowd);
    after.push(watched.process.memory);
  }
  const line = `after each round of crowds ${after.map(mib).join(", ")}`;
  context.print(`memory ${line}`);
  const settled = Math.max(...after.slice(0, ROUNDS.settling)) + SWING_BYTES;
  if ((after.at(-1) ?? Infinity) <= settled) context.passed(test);
  else context.failed(test, `  expected ${mib(settled)} at most at the end, saw ${line}`);
}

async function visit({ server, process }: Watched, crowd: Crowd): Promise<Usage> {
  const [before, others] = [process.memory, process.connections];
  let peak = before;
  const timer = setInterval(() => (peak = Math.max(peak, process.memory)), SAMPLE_MS);
  const connections = await crowd.gather({ server, process });
  for (const connection of connections) connection.destroy();
  await poll(`${crowd.name} have left`, () => (process.connections <= others ? true : undefined));
  clearInterval(timer);
  return { before, peak: Math.max(peak, process.memory), after: process.memory };
}

function mib(bytes: number): string {
  return `${Math.round(bytes / MIB)} MiB`;
}
