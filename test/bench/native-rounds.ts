import { readFileSync } from "node:fs";
import process from "node:process";
import { NativeClient } from "./native-client.ts";
import {
  createChildFrame,
  createFrame,
  createSequentialFrame,
  getDataFrame,
  type RequestFrame,
  setDataFrame,
} from "./native-frames.ts";

/** A server under load. */
export interface Target {
  readonly name: string;
  /** Where its clients connect, in turn. */
  readonly ports: readonly number[];
  readonly pids: readonly number[];
}

export const OPERATIONS = ["create", "sequential", "set", "get"] as const;
export type Operation = (typeof OPERATIONS)[number];

/** How much is in flight. */
export interface Shape {
  readonly connections: number;
  readonly outstanding: number;
}

/** What one round saw. */
export interface Round {
  /** Answers a second. */
  readonly rate: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** CPU time of the server for one request, microseconds. */
  readonly serverUs: number;
  /** CPU time of this process by the clock: near 1 the load is what limits. */
  readonly loadShare: number;
}

/** Znodes that are set and got. */
export const KEYS = 1_000;
export const KEYS_PATH = "/keys";
const WARM_UP_MS = 500;
const NUMBERS_OF_CONNECTION = 10_000_000;

/** Makes the znodes that sets and gets use. */
export async function prepareTarget(target: Target): Promise<void> {
  const client = await NativeClient.open(portOf(target, 0));
  await runOnce(client, createFrame(KEYS_PATH), 1);
  await runOnce(client, createChildFrame(KEYS_PATH), KEYS);
  await client.close();
}

/** Loads a server for a while. */
export async function runRound(
  target: Target,
  operation: Operation,
  shape: Shape,
  measureMs: number,
): Promise<Round> {
  const clients = await Promise.all(
    Array.from({ length: shape.connections }, (_, index) =>
      NativeClient.open(portOf(target, index)),
    ),
  );
  const parent = `/r${performance.now()}`;
  const [first] = clients;
  if (first !== undefined) await runOnce(first, createFrame(parent), 1);
  const frame = frameOf(operation, parent);
  const startAt = performance.now() + WARM_UP_MS;
  const endAt = startAt + measureMs;
  const latencies: number[] = [];
  const loadBefore = process.cpuUsage();
  const serverBefore = cpuUsOf(target);
  const begunAt = performance.now();
  let answers = 0;
  const onAnswer = (sentAt: number, answeredAt: number): void => {
    answers += 1;
    if (answeredAt >= startAt && answeredAt < endAt) latencies.push(answeredAt - sentAt);
  };
  const { outstanding } = shape;
  await Promise.all(
    clients.map((client, index) => {
      const numberOf = numbersOf(operation, index);
      return client.run({ frame, outstanding, numberOf, endAt, onAnswer });
    }),
  );
  const load = process.cpuUsage(loadBefore);
  const elapsedUs = (performance.now() - begunAt) * 1_000;
  const serverUs = (cpuUsOf(target) - serverBefore) / answers;
  await Promise.all(clients.map((client) => client.close()));
  const sorted = Float64Array.from(latencies).sort();
  return {
    rate: (latencies.length / measureMs) * 1_000,
    p50Ms: sorted[Math.floor(sorted.length * 0.5)] ?? Number.NaN,
    p99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN,
    serverUs,
    loadShare: (load.user + load.system) / elapsedUs,
  };
}

function runOnce(client: NativeClient, frame: RequestFrame, count: number): Promise<void> {
  return client.run({
    frame,
    outstanding: Math.min(count, 64),
    numberOf: (index) => index,
    requestsMax: count,
    endAt: Infinity,
    onAnswer: () => undefined,
  });
}

function frameOf(operation: Operation, parent: string): RequestFrame {
  switch (operation) {
    case "create":
      return createChildFrame(parent);
    case "sequential":
      return createSequentialFrame(parent);
    case "set":
      return setDataFrame(KEYS_PATH);
    case "get":
      return getDataFrame(KEYS_PATH);
  }
}

/** Creates need numbers of their own; sets and gets walk through the keys, each from elsewhere. */
function numbersOf(operation: Operation, connection: number): (index: number) => number {
  return operation === "create"
    ? (index) => connection * NUMBERS_OF_CONNECTION + index
    : (index) => (connection * 61 + index * 7) % KEYS;
}

function portOf({ ports }: Target, connection: number): number {
  return ports[connection % ports.length] ?? 0;
}

/** CPU time that processes used so far, in and below the kernel; NaN where there is no /proc. */
export function cpuUsOf({ pids }: Pick<Target, "pids">): number {
  return pids.reduce((sum, pid) => sum + cpuUsOfProcess(pid), 0);
}

function cpuUsOfProcess(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // utime and stime, in hundredths of a second.
    return (Number(fields[11]) + Number(fields[12])) * 10_000;
  } catch {
    return Number.NaN;
  }
}
