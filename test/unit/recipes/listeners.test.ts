import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  ConfigStore,
  type Hold,
  LeaderLatch,
  SetPartitioner,
  TreeCache,
} from "../../../src/recipes/index.ts";
import { collectUncaught } from "../client/uncaught.ts";
import { Stage } from "./faulty-client.ts";

const FAULT = new Error("a listener's own");
const fail = (): never => {
  throw FAULT;
};
let uncaught: readonly unknown[] = [];

beforeEach(() => {
  uncaught = collectUncaught();
});

afterEach(() => vi.unstubAllGlobals());

test("[RP80] a listener that throws leaves its member what it has", async () => {
  const stage = new Stage();
  const { zk } = await stage.client();
  await using mine = new SetPartitioner(zk, "/set", ["a", "b"], { id: "me", onChange: fail });
  await stage.until(mine.ready);
  await stage.pass(500);

  expect([...mine.items.keys()].toSorted()).toEqual(["a", "b"]);
  expect(uncaught).toEqual([FAULT, FAULT]);
});

test("[RP30] a listener that throws does not end leadership", async () => {
  const stage = new Stage();
  const { zk } = await stage.client();
  const onChange = (held: Hold | undefined): void => void (held !== undefined && fail());
  await using latch = new LeaderLatch(zk, "/leader", { onChange });
  await stage.pass(500);

  expect(latch.isLeader).toBe(true);
  expect(uncaught).toEqual([FAULT]);
});

test("[RP40] a listener that throws holds no cache up, and is told of the next change", async () => {
  const stage = new Stage();
  const { zk } = await stage.client();
  await zk.create("/app");
  await using cache = new TreeCache(zk, "/app", { onChange: fail });
  await stage.pass(0);
  await zk.create("/app/a");
  await stage.pass(0);

  expect([...cache.entries().keys()]).toEqual(["/app", "/app/a"]);
  expect(uncaught).toEqual([FAULT, FAULT]);
});

test("[RP74] what is valid is not told to be invalid by a listener that throws", async () => {
  const stage = new Stage();
  const { zk } = await stage.client();
  await zk.create("/config", "1");
  const invalid: unknown[] = [];
  const options = {
    parse: Number,
    onChange: fail,
    onInvalid: (error: unknown) => invalid.push(error),
  };
  await using config = new ConfigStore(zk, "/config", options);

  expect(await stage.until(config.ready)).toBe(1);
  expect(invalid).toEqual([]);
  expect(uncaught).toEqual([FAULT]);
});
