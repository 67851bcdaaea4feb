import { describe, expect, it } from "vitest";
import { joinEnsemble, standAlone, warningsOf } from "../../../src/server/ensemble/membership.ts";
import { MemoryStore } from "../../../src/storage/memory-store.ts";

const MEMBER = { ensemble: "default:/", sid: 2 };

describe("a member that starts", () => {
  it("[EM1] begins with what the variable says, and keeps that when the variable changes", () => {
    const store = new MemoryStore();
    const { initial } = joinEnsemble(store, MEMBER, { members: "1:enam 2", observers: "3" });

    const again = joinEnsemble(store, MEMBER, "5");

    expect(initial.members.map(({ sid, type, region }) => [sid, type, region])).toEqual([
      [1, "participant", "enam"],
      [2, "participant", undefined],
      [3, "observer", undefined],
    ]);
    expect(again.initial).toEqual(initial);
  });

  it("[EM3] warns of a variable that names others, and lives with one that is bad or gone", () => {
    const store = new MemoryStore();
    const { initial } = joinEnsemble(store, MEMBER, "3");

    expect(warningsOf(joinEnsemble(store, MEMBER, "5"), initial)).toEqual([
      "ENSEMBLE names 1, 2, 3, 4, 5, but the ensemble is 1, 2, 3 since a reconfiguration",
    ]);
    expect(warningsOf(joinEnsemble(store, MEMBER, "x"), initial)).toEqual([]);
    expect(warningsOf(joinEnsemble(store, MEMBER, undefined), initial)).toEqual([]);
  });

  it("[EM2] for the first time needs a variable that can be read", () => {
    expect(() => joinEnsemble(new MemoryStore(), MEMBER, undefined)).toThrow(
      "ENSEMBLE: expected the members, saw no variable",
    );
    expect(() => joinEnsemble(new MemoryStore(), MEMBER, "1 1")).toThrow("expected each id once");
  });

  it("[EM4] refuses the storage of another member, and a standalone shard that of any", () => {
    const store = new MemoryStore();
    joinEnsemble(store, MEMBER, "3");

    expect(() => joinEnsemble(store, { ...MEMBER, sid: 3 }, "3")).toThrow(
      "expected the storage of member 3 of ensemble default:/, saw the one of member 2",
    );
    expect(() => standAlone(store)).toThrow(
      "expected the storage of a shard that stands alone, saw the one of member 2",
    );
    expect(() => standAlone(new MemoryStore())).not.toThrow();
  });
});
