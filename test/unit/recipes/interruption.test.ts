import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { Interruption } from "../../../src/recipes/interruption.ts";
import { Stage } from "./faulty-client.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

test("[RP89] a wait that goes on for long keeps nothing of what it waited for before", async () => {
  const { zk } = await new Stage().client();
  using interruption = new Interruption(zk, undefined, "close");
  const seen = new WeakRef((await interruption.race(Promise.resolve({ data: "large" }))) as object);
  await new Promise((resolve) => setImmediate(resolve));
  collectGarbage();

  expect(seen.deref()).toBeUndefined();
});
