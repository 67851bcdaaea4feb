import { expect, test } from "vitest";
import { RandomPlay } from "./random-play.ts";
import {
  agreement,
  globalPrimaryOrder,
  integrity,
  localPrimaryOrder,
  primaryIntegrity,
  totalOrder,
  type Trace,
  type TraceEvent,
} from "./trace.ts";

/**
 * Primary-order atomic broadcast, property by property, in the words of Junqueira, Reed, Serafini
 * (DSN 2011) §III: each is held against what plays without a script broadcast and deliver, and
 * against a short trace that breaks it.
 */

const a = { zxid: 1, value: "a" };
const b = { zxid: 2, value: "b" };
const c = { zxid: 3, value: "c" };

const says = (process: number, epoch: number, txn: typeof a): TraceEvent => ({
  type: "broadcast",
  process,
  epoch,
  txn,
});
const hears = (process: number, ...txns: (typeof a)[]): Trace =>
  txns.map((txn) => ({ type: "deliver", process, txn }));

const plays = Array.from({ length: 12 }, (_, at) => new RandomPlay(at + 1).run());

function expectInAll(property: (trace: Trace) => string | undefined): void {
  for (const trace of plays) expect(property(trace)).toBeUndefined();
}

test("plays without a script broadcast and deliver in several epochs", () => {
  const epochs = plays.map(
    (trace) => new Set(trace.flatMap((event) => (event.type === "broadcast" ? [event.epoch] : []))),
  );
  expect(epochs.filter(({ size }) => size > 1).length).toBeGreaterThan(plays.length / 4);
  for (const trace of plays) expect(trace.some(({ type }) => type === "deliver")).toBe(true);
});

test("[ZB1] integrity: what is delivered was broadcast", () => {
  expect(integrity([says(1, 1, a), ...hears(1, a, b)])).toContain("nobody has broadcast");
  expectInAll(integrity);
});

test("[ZB2] total order: who delivers the later one has delivered the earlier one before it", () => {
  expect(totalOrder([...hears(1, a, b), ...hears(2, b, a)])).toContain("without");
  expect(totalOrder([...hears(1, a, b), ...hears(2, b)])).toContain("without");
  expectInAll(totalOrder);
});

test("[ZB3] agreement: of two processes one has delivered all that the other has", () => {
  expect(agreement([...hears(1, a, b), ...hears(2, a, c)])).toContain("alone");
  expectInAll(agreement);
});

test("[ZB4] local primary order: what one primary broadcasts is delivered in its order", () => {
  expect(localPrimaryOrder([says(1, 1, a), says(1, 1, b), ...hears(2, b)])).toContain("without");
  expectInAll(localPrimaryOrder);
});

test("[ZB5] global primary order: what an earlier primary broadcast is delivered first", () => {
  expect(globalPrimaryOrder([says(1, 1, a), says(2, 2, b), ...hears(3, b, a)])).toContain("behind");
  expectInAll(globalPrimaryOrder);
});

test("[ZB6] primary integrity: a primary has delivered all of the past before it broadcasts", () => {
  const late = [says(1, 1, a), says(2, 2, b), ...hears(2, a)];
  expect(primaryIntegrity(late)).toContain("without");
  const never = [says(1, 1, a), ...hears(1, a), says(2, 2, b)];
  expect(primaryIntegrity(never)).toContain("without");
  expectInAll(primaryIntegrity);
});
