import { afterAll, beforeAll, expect, test } from "vitest";
import { cleanUp } from "./clean-up.ts";
import { Service } from "./service.ts";
import { acknowledgedPairs, lostPairs, Writers, type Written } from "./writers.ts";

/** Pairs each writer has acknowledged before the next thing happens. */
const PAIRS = 150;
const KILLS = 3;

let writersCount: number;
let written: Written;

beforeAll(async () => {
  const service = await Service.start();
  const writers = await Writers.start(service.base);
  writersCount = writers.count;
  for (let kill = 1; kill <= KILLS; kill += 1) {
    await writers.pairs(PAIRS);
    await service.kill();
    await service.restart();
    await writers.resumed(kill);
  }
  await writers.pairs(PAIRS);
  written = await writers.finish();
  await service.stop();
}, 120_000);
afterAll(cleanUp);

test("[EE5] every acknowledged write is there after the runtime was killed under load", () => {
  expect(lostPairs(written)).toEqual([]);
  expect(acknowledgedPairs(written).length).toBeGreaterThanOrEqual(
    writersCount * PAIRS * (KILLS + 1),
  );
});

test("[EE6] no write is half there, acknowledged or not", () => {
  const halves = [...written.children.values()].filter(({ name, stat }) => {
    const other = name.endsWith("-a") ? `${name.slice(0, -1)}b` : `${name.slice(0, -1)}a`;
    return written.children.get(other)?.stat.czxid !== stat.czxid;
  });

  expect(halves).toEqual([]);
});

test("[EE7] sessions resume after a crash, with their ephemerals", () => {
  const resumed = written.facts.flat().filter((fact) => "resumed" in fact);

  expect(resumed).toHaveLength(writersCount * KILLS);
  for (const fact of resumed) expect(fact).toMatchObject({ isSameSession: true, isOwner: true });
});

test("[EE8] sequence numbers never repeat, also those whose znodes are gone", () => {
  const taken = written.facts.flat().filter((fact) => "number" in fact);
  const inOrder = taken.toSorted((a, b) => Number(a["zxid"]) - Number(b["zxid"]));
  const numbers = inOrder.map((fact) => Number(fact["number"]));

  expect(numbers.length).toBeGreaterThan(writersCount * KILLS);
  expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b));
});

test("[EE9] zxids never go back, and none is given twice", () => {
  const zxids = written.facts
    .flat()
    .filter((fact) => "zxid" in fact)
    .map((fact) => Number(fact["zxid"]));
  const wrong = written.facts.flatMap((own) => {
    let seen = 0;
    return own.filter((fact) => {
      if ("resumed" in fact) seen = Math.max(seen, Number(fact["from"]));
      if (!("zxid" in fact)) return false;
      const isBehind = Number(fact["zxid"]) <= seen;
      seen = Number(fact["zxid"]);
      return isBehind;
    });
  });

  expect(wrong).toEqual([]);
  expect(new Set(zxids).size).toBe(zxids.length);
});
