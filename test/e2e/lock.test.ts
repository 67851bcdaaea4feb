import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { cleanUp } from "./clean-up.ts";
import { Connection } from "./client/connection.ts";
import { ParticipantProcess } from "./participant-process.ts";
import { newFolder, Service } from "./service.ts";

const PROCESSES = 20;
const ROUNDS = 5;

afterAll(cleanUp);

test("[EE4] a lock of 20 processes: every addition counts, and each release wakes one waiter", async () => {
  const service = await Service.start();
  const counter = join(newFolder(), "counter");
  writeFileSync(counter, "0");
  const observer = await Connection.open(service.base, { timeoutMs: 30_000 });
  await observer.create("/lock");
  const options = { url: service.base, counter, rounds: `${ROUNDS}` };
  const contenders = Array.from(
    { length: PROCESSES },
    () => new ParticipantProcess("lock-contender", options),
  );
  await Promise.all(contenders.map((contender) => contender.reported("ready")));

  for (const { group } of contenders) group.write("go\n");
  await Promise.all(contenders.map(({ group }) => group.succeed()));

  expect(readFileSync(counter, "utf8")).toBe(`${PROCESSES * ROUNDS}`);
  const sum = (field: string) =>
    contenders
      .flatMap((contender) => contender.all(field))
      .reduce<number>((a, b) => a + Number(b), 0);
  // All but the first of a queue wait: were nobody to wait, nothing would have been shown.
  expect(sum("waits")).toBeGreaterThan((PROCESSES * ROUNDS) / 2);
  expect(sum("wakeUps")).toBe(sum("waits"));
  expect(sum("waits")).toBeLessThan(PROCESSES * ROUNDS);
  expect(await observer.children("/lock")).toEqual([]);
});
