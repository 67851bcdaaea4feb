import { describe, expect, it } from "vitest";
import { isFailure } from "../../../src/core/keeper-error.ts";
import { BY_LEADER, placementOf, turnOf } from "../../../src/gateway/placement.ts";
import type { Configuration } from "../../../src/zab/configuration.ts";
import { parseEnsemble } from "../../../src/zab/ensemble-text.ts";

function ensembleOf(text: unknown): Configuration {
  const ensemble = parseEnsemble(text);
  if (isFailure(ensemble)) throw new Error(ensemble.message);
  return ensemble.configuration;
}

const ENSEMBLE = ensembleOf({ members: "1:enam 2:weur 3:apac", observers: "4:weur" });

function request(headers: Record<string, string>, continent?: string): Request {
  const made = new Request("http://127.0.0.1:8787/znodes", { headers });
  return continent === undefined ? made : Object.assign(made, { cf: { continent } });
}

describe("where a request is served", () => {
  it("[EM10] is the leader, looked for among those that may lead first", () => {
    const ensemble = ensembleOf({ members: "2 3", observers: "1" });

    expect(placementOf(request({}), ENSEMBLE)).toBe(BY_LEADER);
    expect(turnOf(BY_LEADER, ensemble)).toEqual([2, 3, 1]);
  });

  it("[EM13] is a near member with Consistency: local, or consistency=local in the query", () => {
    const inEurope = request({ Consistency: "local" }, "EU");
    const inAsia = request({}, "AS");

    expect(turnOf(placementOf(inEurope, ENSEMBLE), ENSEMBLE)).toEqual([2, 4, 1, 3]);
    expect(turnOf(placementOf(inAsia, ENSEMBLE, true), ENSEMBLE)).toEqual([3, 1, 2, 4]);
  });

  it("[EM14] is the member that the header Member names, and no other one", () => {
    const placement = placementOf(request({ Member: "4", Consistency: "local" }), ENSEMBLE);

    expect(turnOf(placement, ENSEMBLE)).toEqual([4]);
  });

  it("[EM14] is refused where Member names no member, or there is no ensemble", () => {
    expect(() => placementOf(request({ Member: "leader" }), ENSEMBLE)).toThrow(
      'Member: expected the id of a member, got "leader"',
    );
    expect(() => placementOf(request({ Member: "2" }), undefined)).toThrow(
      "Member is for ensembles",
    );
  });
});
