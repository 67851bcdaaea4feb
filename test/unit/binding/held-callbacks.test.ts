import { expect, it } from "vitest";
import { HeldCallbacks } from "../../../src/binding/held-callbacks.ts";

/** A function as it arrives by RPC: what holds it makes a stub of its own, which is gone when disposed of. */
function stubOf(heard: number[]) {
  let isDisposed = false;
  const stub = (value: number): void => {
    if (isDisposed) throw new Error("RPC stub used after being disposed.");
    heard.push(value);
  };
  return Object.assign(stub, {
    dup: () => stub,
    [Symbol.dispose]: () => void (isDisposed = true),
  });
}

it("[WB19] a watcher that was let go of hears nothing, and nobody else of that", () => {
  const heard: number[] = [];
  const { tell, release } = new HeldCallbacks().hold(stubOf(heard));
  tell(1);
  release();
  release();
  tell(2);
  expect(heard).toEqual([1]);
});

it("[WB19] of a session that was closed no watcher hears anything, by RPC or not", () => {
  const heard: number[] = [];
  const callbacks = new HeldCallbacks();
  const held = [
    callbacks.hold(stubOf(heard)),
    callbacks.hold((value: number) => void heard.push(value)),
  ];
  for (const { tell } of held) tell(1);
  callbacks.releaseAll();
  for (const { tell } of held) tell(2);
  expect(heard).toEqual([1, 1]);
});

it("[WB19] what a watcher throws does not reach who tells it", () => {
  const { tell } = new HeldCallbacks().hold(() => {
    throw new Error("a watcher's own");
  });
  expect(() => tell(1)).not.toThrow();
});
