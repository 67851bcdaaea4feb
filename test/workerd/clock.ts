import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { vi } from "vitest";
import type { ShardUnderTest } from "./client.ts";

const realNow = Date.now.bind(Date);
let aheadMs = 0;

/**
 * Lets a test move the clock of the shard. It goes on running, and only `Date.now` is moved: the
 * runtime's alarms, timers and heartbeat timestamps go by real time.
 */
export function shiftClock(): void {
  aheadMs = 0;
  vi.spyOn(Date, "now").mockImplementation(() => realNow() + aheadMs);
}

/** Moves the clock ahead. */
export function advance(ms: number): void {
  aheadMs += ms;
}

/** Lets the real clock back in. */
export function restoreClock(): void {
  vi.restoreAllMocks();
}

/**
 * Fires the shard's alarm now, as the runtime would.
 *
 * @returns false if none was set.
 */
export function fireAlarm({ stub }: ShardUnderTest): Promise<boolean> {
  return runDurableObjectAlarm(stub);
}

/** When the shard's alarm is set to go off, ms since 1970; null without one. */
export function alarmAt({ stub }: ShardUnderTest): Promise<number | null> {
  return runInDurableObject(stub, (_, ctx) => ctx.storage.getAlarm());
}

/**
 * Moves the clock to the shard's alarm and fires it.
 *
 * @returns false if none was set, or not within `withinMs`.
 */
export async function sleepUntilAlarm(shard: ShardUnderTest, withinMs: number): Promise<boolean> {
  const atMs = await alarmAt(shard);
  const aheadOfIt = atMs === null ? Infinity : atMs - Date.now();
  if (aheadOfIt > withinMs) return false;
  advance(Math.max(0, aheadOfIt));
  return fireAlarm(shard);
}
