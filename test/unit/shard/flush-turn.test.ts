import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FlushTurn } from "../../../src/shard/flush-turn.ts";

const [ANN, BOB] = [1, 2];

describe("a flush", () => {
  let flushes = 0;
  let turn: FlushTurn;

  /** Lets the event loop go round. */
  const endTurn = () => void vi.runOnlyPendingTimers();

  beforeEach(() => {
    vi.useFakeTimers();
    flushes = 0;
    turn = new FlushTurn(() => (flushes += 1));
  });

  afterEach(() => void vi.useRealTimers());

  it("[DO17] is at once after an idle turn, and shared by those who ask in the same turn", () => {
    turn.request(ANN);
    expect(flushes).toBe(1);
    for (const asker of [BOB, ANN, BOB]) turn.request(asker);
    expect(flushes).toBe(1);

    endTurn();

    expect(flushes).toBe(2);
  });

  it("[DO17] is at once for a connection that asks alone, as often as it can await an answer", () => {
    for (let count = 0; count < 10; count += 1) turn.request(ANN);
    expect(flushes).toBe(3);

    endTurn();

    expect(flushes).toBe(4);
    turn.request(ANN);
    expect(flushes).toBe(5);
  });

  it("[DO17] is shared again as soon as another connection asks", () => {
    turn.request(ANN);
    turn.request(BOB);
    endTurn();
    expect(flushes).toBe(2);

    turn.request(ANN);

    expect(flushes).toBe(2);
    endTurn();
    expect(flushes).toBe(3);
  });

  it("[DO17] never happens without anybody who asked", () => {
    turn.request(ANN);
    endTurn();
    endTurn();
    expect(flushes).toBe(1);
  });
});
