import { describe, expect, it } from "vitest";
import { isFailure } from "../../../src/core/keeper-error.ts";
import {
  findDifference,
  type InitialEnsemble,
  parseEnsemble,
} from "../../../src/zab/ensemble-text.ts";

function parsed(value: unknown): InitialEnsemble {
  const ensemble = parseEnsemble(value);
  if (isFailure(ensemble)) throw new Error(ensemble.message);
  return ensemble;
}

function reason(value: unknown): string {
  const ensemble = parseEnsemble(value);
  return isFailure(ensemble) ? ensemble.message : "accepted";
}

describe("what ENSEMBLE says", () => {
  it("[EM1] a size makes so many voting members without a region", () => {
    expect(parsed("3").configuration).toEqual({
      version: 0,
      members: [
        { sid: 1, type: "participant" },
        { sid: 2, type: "participant" },
        { sid: 3, type: "participant" },
      ],
    });
  });

  it("[EM1] members have ids, regions and roles, and are kept in the order of their ids", () => {
    const ensemble = parsed({ members: "7:weur 1:enam 3", observers: "4:sam" });

    expect(ensemble.configuration.members).toEqual([
      { sid: 1, type: "participant", region: "enam" },
      { sid: 3, type: "participant" },
      { sid: 4, type: "observer", region: "sam" },
      { sid: 7, type: "participant", region: "weur" },
    ]);
  });

  it.each([
    ["", 'expected at least one voting member, saw ""'],
    [{ members: "", observers: "4:sam" }, "expected at least one voting member, saw"],
    [{ observers: "4" }, 'expected a text, or a table with the texts "members" and "observers"'],
    [{ members: "3", witnesses: "4" }, "expected a text, or a table"],
    [7, 'expected a text, or a table with the texts "members" and "observers", saw "7"'],
    ["0", 'expected a size from 1 to 255, saw "0"'],
    ["256", 'expected a size from 1 to 255, saw "256"'],
    ["1:enam 256:weur", "expected members as <id>:<region>, with ids from 1 to 255, saw"],
    ["1:enam x", 'with ids from 1 to 255, saw "x"'],
    ["1:enam:weur 2", 'with ids from 1 to 255, saw "1:enam:weur"'],
    ["1:enam 2:mars", 'me, saw "mars"'],
    ["1:enam 1:weur", 'expected each id once, saw "1 twice"'],
    [{ members: "3", observers: "3:sam" }, 'expected each id once, saw "3 twice"'],
  ])("[EM2] %j is refused: %s", (value, message) => {
    expect(reason(value)).toContain(message);
    expect(reason(value)).toMatch(/^ENSEMBLE: expected .*, saw "/);
  });

  it("[EM2] an even number of voting members is allowed, and warned of", () => {
    expect(parsed("4").warnings).toEqual([
      "ENSEMBLE: 4 voting members survive the loss of 1, as 3 would: expected an odd number",
    ]);
    expect(parsed({ members: "3", observers: "9:sam" }).warnings).toEqual([]);
  });
});

describe("a variable that differs from the configuration", () => {
  const initial = parsed({ members: "3", observers: "4" }).configuration;

  it("[EM3] is named with both sides", () => {
    const current = parsed({ members: "1 2 5", observers: "4" }).configuration;

    expect(findDifference(initial, current)).toBe(
      "ENSEMBLE names 1, 2, 3, observers 4, " +
        "but the ensemble is 1, 2, 5, observers 4 since a reconfiguration",
    );
  });

  it("[EM3] is no difference if only regions and the version are others", () => {
    const current = parsed({ members: "1:weur 2 3", observers: "4" }).configuration;

    expect(findDifference(initial, { ...current, version: 9 })).toBeUndefined();
  });
});
