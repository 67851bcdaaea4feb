import { expect, test } from "vitest";
import type { LogRow } from "../../../../src/zab/log-row.ts";
import type { Packet } from "../../../../src/zab/packet.ts";
import { ask } from "../describe-effect.ts";
import { EnsembleHarness } from "./ensemble-harness.ts";

/** A member that learns, and a proposal of its leader with rows as given. */
function propose(change: (row: LogRow) => object): EnsembleHarness {
  const ensemble = new EnsembleHarness();
  ensemble.elect(1);
  const client = ensemble.open(1);
  client.post(ask.create("/a"));
  ensemble.member(1).flush();
  for (const { to, packets } of ensemble.network) {
    for (const each of packets) {
      if (to !== 2 || each.type !== "zab" || each.packet.type !== "PROPOSAL") continue;
      const packet = each.packet as { -readonly [K in keyof Packet]: Packet[K] } & {
        rows: readonly LogRow[];
      };
      packet.rows = packet.rows.map((row) => ({ ...row, ...change(row) }));
    }
  }
  ensemble.settle();
  return ensemble;
}

test.each([
  ["are cut", ({ txns }: LogRow) => ({ txns: txns.subarray(0, -3) })],
  ["are empty", () => ({ txns: new Uint8Array(0) })],
  ["are random", () => ({ txns: new Uint8Array(40).fill(0xe7) })],
  ["are no bytes", () => ({ txns: "txns" })],
  ["are of another zxid", ({ zxid }: LogRow) => ({ zxid: zxid + 1, lastZxid: zxid + 1 })],
])("[EN37] rows that %s are dropped, logged by nobody and not acknowledged", (_, change) => {
  const ensemble = propose(change);
  const { store, runner } = ensemble.member(2);
  expect(store.log.lastZxid).toBe(0);
  expect(runner.droppedRows).toBe(1);
  // Those of others are none the worse for it.
  expect(ensemble.member(3).store.tables.get("/a")).toBeDefined();
  expect(ensemble.open(1).send(ask.exists("/a"))).toHaveLength(1);
});

test("[EN37] rows that are txns are taken as before", () => {
  const ensemble = propose(() => ({}));
  expect(ensemble.member(2).runner.droppedRows).toBe(0);
  expect(ensemble.member(2).store.tables.get("/a")).toBeDefined();
});
