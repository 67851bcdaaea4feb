import { describe, expect, test } from "vitest";
import { FencingGuard, type Hold, Lock, StaleTokenError } from "../../../src/recipes/index.ts";
import { FakeClock } from "../client/fake-clock.ts";
import { Stage, TIMEOUT_MS } from "./faulty-client.ts";

const PATH = "/lock";

/** A thing that two must not use at once, and that notices if they do. */
class FakeLimitedResource {
  readonly guard = new FencingGuard();
  /** Uses by somebody who was overtaken. */
  overlaps = 0;
  refused = 0;
  #newest = 0;

  use(held: Hold, checksTokens: boolean): void {
    try {
      if (checksTokens) this.guard.check(held.token);
    } catch (error) {
      if (!(error instanceof StaleTokenError)) throw error;
      this.refused += 1;
      return;
    }
    if (held.token < this.#newest) this.overlaps += 1;
    this.#newest = Math.max(this.#newest, held.token);
  }
}

/**
 * A holder is paused for some time, another one takes the lock if he can, and the first one uses the
 * resource before he has heard of anything.
 */
async function playWithPause(pauseMs: number, checksTokens: boolean): Promise<FakeLimitedResource> {
  const stage = new Stage();
  const resource = new FakeLimitedResource();
  const paused = await stage.client(new FakeClock());
  const other = await stage.client();
  const held = await new Lock(paused.zk, PATH).acquire();
  resource.use(held, checksTokens);
  const overtaking = (async () => {
    resource.use(await new Lock(other.zk, PATH).acquire(), checksTokens);
  })();
  paused.pause();
  await stage.pass(pauseMs);
  // He wakes: to him no time has passed, and the news are still in the socket.
  expect(held.isHeld).toBe(true);
  resource.use(held, checksTokens);
  paused.resume();
  await stage.until(Promise.race([overtaking, held.release()]));
  return resource;
}

describe("fencing tokens", () => {
  test("[RP21] a guard lets in who is not older than the newest, and nobody else", () => {
    const guard = new FencingGuard(5);
    guard.check(5);
    guard.check(7);

    expect(() => guard.check(6)).toThrow("expected a fencing token of at least 7, saw 6");
    expect(() => guard.check(7)).not.toThrow();
    expect(guard.highest).toBe(7);
  });

  test("[RP22] pauses longer than the timeout overlap without tokens, and never with them", async () => {
    const pauses = [0.5, 0.9, 1.5, 2, 3, 5].map((factor) => factor * TIMEOUT_MS);
    const counts = { overlaps: 0, overlapsChecked: 0, refused: 0 };
    for (const pauseMs of pauses) {
      counts.overlaps += (await playWithPause(pauseMs, false)).overlaps;
      const checked = await playWithPause(pauseMs, true);
      counts.overlapsChecked += checked.overlaps;
      counts.refused += checked.refused;
    }

    const rate = (overlaps: number): string => `${overlaps} of ${pauses.length}`;
    process.stdout.write(
      `pauses of 0.5 to 5 timeouts: two holders at once in ${rate(counts.overlaps)} plays ` +
        `without tokens, in ${rate(counts.overlapsChecked)} with them\n`,
    );
    // The loss without tokens: every pause that is longer than the timeout, 4 of 6.
    expect(counts).toEqual({ overlaps: 4, overlapsChecked: 0, refused: 4 });
  });

  test("[RP23] a transaction of a hold fails when it is lost, even for who was paused", async () => {
    const stage = new Stage();
    const paused = await stage.client();
    const other = await stage.client();
    await other.zk.create("/data", "0");
    const held = await new Lock(paused.zk, PATH, { onSuspension: "keep" }).acquire();
    await held.transaction().set("/data", "1").commit();
    await other.zk.delete(held.path);
    const next = await new Lock(other.zk, PATH).acquire();
    await next.transaction().set("/data", "2").commit();
    const late = held.transaction().set("/data", "3").commit();

    await expect(late).rejects.toThrow("NONODE");
    expect((await other.zk.get("/data")).text).toBe("2");
  });
});
