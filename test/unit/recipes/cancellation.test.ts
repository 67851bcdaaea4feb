import { describe, expect, test } from "vitest";
import { MAKINGS } from "./every-recipe.ts";
import { WAITS } from "./every-wait.ts";
import { type Fault, Stage } from "./faulty-client.ts";

const PATH = "/recipe";
/** Moments in turns of the queue of microtasks: a wait is in another place at each. */
const MOMENTS = [0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144];

/** Somebody who waits and somebody who makes him wait. */
async function start({ block }: { readonly block?: (typeof WAITS)[string]["block"] }) {
  const stage = new Stage();
  const [one, two] = [await stage.client(), await stage.client()];
  if (block !== undefined) await stage.until(block(two.zk, PATH));
  await stage.pass(200);
  return { stage, one, two };
}

/** Waits, says enough behind `moment`, and returns with what it ended. */
async function abortAt(
  { stage, one }: Awaited<ReturnType<typeof start>>,
  { wait }: (typeof WAITS)[string],
  moment: () => Promise<void>,
): Promise<string> {
  const abort = new AbortController();
  const waiting = wait(one.zk, PATH, abort.signal).then(() => "had", String);
  await moment();
  abort.abort(new Error("enough"));
  return await stage.until(waiting);
}

describe("an abort", () => {
  test.for(Object.entries(WAITS))("[RP89] leaves nothing behind: %s", async ([, each]) => {
    const scene = await start(each);
    for (const turns of MOMENTS) {
      const turnsLater = async (): Promise<void> => {
        for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      };
      expect(await abortAt(scene, each, turnsLater)).toBe("Error: enough");
      await scene.stage.pass(100);
      expect([turns, await scene.one.zk.ephemerals()]).toEqual([turns, []]);
    }
    expect(scene.one.states).toEqual(["connected"]);
  });

  test.for(Object.entries(WAITS))("[RP89] … whatever answer is lost: %s", async ([, each]) => {
    for (const fault of ["request", "answer"] as const) {
      // As many requests as there are: the last round meets no fault.
      for (let step = 0, didFail = true; didFail; step += 1) {
        const scene = await start(each);
        didFail = false;
        scene.one.failAt((_op, index): Fault | undefined => {
          if (index !== step) return undefined;
          didFail = true;
          return fault;
        });
        expect(await abortAt(scene, each, () => scene.stage.pass(2_000))).toBe("Error: enough");
        scene.one.failAt(() => undefined);
        await scene.stage.pass(1_000);
        expect([fault, step, await scene.one.zk.ephemerals()]).toEqual([fault, step, []]);
        expect(step).toBeLessThan(40);
      }
    }
  });
});

describe("an abort", () => {
  test.for(Object.entries(WAITS))(
    "[RP89] is heard while there is no session: %s",
    async ([, { wait }]) => {
      const { stage, one } = await start({});
      one.offline();
      await stage.pass(20_000);
      expect(one.zk.state).toBe("lost");
      const abort = new AbortController();
      const waiting = wait(one.zk, PATH, abort.signal).then(() => "had", String);
      await stage.pass(100);
      abort.abort(new Error("enough"));
      const ended = await Promise.race([waiting, stage.pass(5_000).then(() => "waits")]);

      expect(ended).toBe("Error: enough");
    },
  );
});

describe("await using", () => {
  test.for(Object.entries(MAKINGS))("[RP90] leaves no ephemeral behind: %s", async ([, make]) => {
    const { stage, one } = await start({});
    const use = async (): Promise<void> => {
      await using _held = await make({ zk: one.zk, path: "/team/recipe", options: {} });
    };
    await stage.until(use());
    await stage.pass(100);

    expect(await one.zk.ephemerals()).toEqual([]);
  });
});
