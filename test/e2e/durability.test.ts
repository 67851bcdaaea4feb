import { afterAll, beforeAll, expect, test } from "vitest";
import { cleanUp } from "./clean-up.ts";
import { Connection } from "./client/connection.ts";
import { type Fact, ParticipantProcess } from "./participant-process.ts";
import { Service } from "./service.ts";

const WRITERS = ["w1", "w2", "w3"];
/** Pairs each writer has acknowledged before the next thing happens. */
const PAIRS = 150;
const KILLS = 3;

/** A znode as a listing shows it. */
interface Child {
  readonly name: string;
  readonly data: string;
  readonly stat: { readonly czxid: string };
}

/** What is left when everything has happened: reports of the writers, and the tree. */
let facts: readonly (readonly Fact[])[];
let children: ReadonlyMap<string, Child>;

beforeAll(async () => {
  const service = await Service.start();
  const { base } = service;
  const setUp = await Connection.open(base, { timeoutMs: 30_000 });
  for (const path of ["/live", "/load", "/numbers"]) await setUp.create(path);
  await setUp.close();
  const writers = WRITERS.map((name) => new ParticipantProcess("writer", { url: base, name }));
  const more = () =>
    Promise.all(
      writers.map((writer) => writer.reported("pair", writer.all("pair").length + PAIRS)),
    );
  for (let kill = 1; kill <= KILLS; kill += 1) {
    await more();
    await service.kill();
    await service.restart();
    await Promise.all(writers.map((writer) => writer.reported("resumed", kill)));
  }
  await more();
  for (const { group } of writers) group.endInput();
  await Promise.all(writers.map(({ group }) => group.succeed()));
  facts = writers.map((writer) => writer.facts);
  children = await listChildren(`${base}/znodes/load`);
  await service.stop();
}, 120_000);
afterAll(cleanUp);

async function listChildren(url: string): Promise<ReadonlyMap<string, Child>> {
  const all = new Map<string, Child>();
  for (let after = ""; ;) {
    const response = await fetch(`${url}?children&stat&data&limit=1000&after=${after}`);
    const page = (await response.json()) as { entries: readonly Child[]; more?: true };
    for (const child of page.entries) all.set(child.name, child);
    after = page.entries.at(-1)?.name ?? "";
    if (page.more !== true) return all;
  }
}

const acknowledgedPairs = () => facts.flat().filter((fact) => "pair" in fact);

test("[EE5] every acknowledged write is there after the runtime was killed under load", () => {
  const missing = acknowledgedPairs().filter(({ pair, zxid }) =>
    ["a", "b"].some((half) => {
      const child = children.get(`${String(pair)}-${half}`);
      return child?.stat.czxid !== zxid || child?.data !== String(pair).repeat(20);
    }),
  );

  expect(missing).toEqual([]);
  expect(acknowledgedPairs().length).toBeGreaterThanOrEqual(WRITERS.length * PAIRS * (KILLS + 1));
});

test("[EE6] no write is half there, acknowledged or not", () => {
  const halves = [...children.values()].filter(({ name, stat }) => {
    const other = name.endsWith("-a") ? `${name.slice(0, -1)}b` : `${name.slice(0, -1)}a`;
    return children.get(other)?.stat.czxid !== stat.czxid;
  });

  expect(halves).toEqual([]);
});

test("[EE7] sessions resume after a crash, with their ephemerals", () => {
  const resumed = facts.flat().filter((fact) => "resumed" in fact);

  expect(resumed).toHaveLength(WRITERS.length * KILLS);
  for (const fact of resumed) expect(fact).toMatchObject({ isSameSession: true, isOwner: true });
});

test("[EE8] sequence numbers never repeat, also those whose znodes are gone", () => {
  const taken = facts.flat().filter((fact) => "number" in fact);
  const inOrder = taken.toSorted((a, b) => Number(a["zxid"]) - Number(b["zxid"]));
  const numbers = inOrder.map((fact) => Number(fact["number"]));

  expect(numbers.length).toBeGreaterThan(WRITERS.length * KILLS);
  expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b));
});

test("[EE9] zxids never go back, and none is given twice", () => {
  const zxids = facts
    .flat()
    .filter((fact) => "zxid" in fact)
    .map((fact) => Number(fact["zxid"]));
  const wrong = facts.flatMap((own) => {
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
