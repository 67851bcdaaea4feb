import { describe, expect, it } from "vitest";
import { findElsewhere, isDoubtful } from "../../../src/server/ensemble/routing.ts";
import type { PeerRole } from "../../../src/zab/ready.ts";

const LOOKING: PeerRole = { type: "looking" };
const LEADING: PeerRole = { type: "leading", epoch: 1 };
const LEARNING: PeerRole = {
  type: "learning",
  epoch: 1,
  leader: 3,
  incarnation: 7,
  isObserver: false,
};

describe("a member that is asked to serve", () => {
  it.each([
    ["a leader", LEADING, "leader", undefined],
    ["a leader", LEADING, "any", undefined],
    ["a learner", LEARNING, "any", undefined],
    ["a learner", LEARNING, "leader", { type: "notServing", leader: 3 }],
    ["a member without a leader", LOOKING, "any", { type: "notServing", leader: undefined }],
    ["a member without a leader", LOOKING, "leader", { type: "notServing", leader: undefined }],
  ] as const)("[EM10][EM13] %s, by %s: %o", (_, role, by, answer) => {
    expect(findElsewhere(role, { by })).toEqual(answer);
  });

  it("[EM11][EM12] looks for a leader without one, or when its own was not reached", () => {
    expect(isDoubtful(LOOKING, { by: "any" })).toBe(true);
    expect(isDoubtful(LEARNING, { by: "leader", lost: 3 })).toBe(true);
    expect(isDoubtful(LEARNING, { by: "leader", lost: 2 })).toBe(false);
    expect(isDoubtful(LEARNING, { by: "any", lost: 3 })).toBe(false);
    expect(isDoubtful(LEADING, { by: "leader", lost: 3 })).toBe(false);
  });
});
