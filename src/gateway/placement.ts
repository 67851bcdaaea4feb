import type { Configuration, Member, Sid } from "../zab/configuration.ts";
import { quote } from "./path.ts";
import { badRequest } from "./problem.ts";

/** By which member of an ensemble a request is served. */
export type Placement =
  | { readonly type: "leader" }
  /** By any that serves, those first that are near. */
  | { readonly type: "any"; readonly near: readonly string[] }
  /** By this one or by nobody. */
  | { readonly type: "member"; readonly sid: Sid };

export const BY_LEADER: Placement = { type: "leader" };

/** Regions of members by the continent of a client, nearest first. Source: ISO, Cloudflare `cf`. */
const NEAR: Readonly<Record<string, readonly string[]>> = {
  AF: ["afr", "weur", "me"],
  AN: ["oc", "sam"],
  AS: ["apac", "apac-ne", "apac-se", "me"],
  EU: ["weur", "eeur"],
  NA: ["enam", "wnam"],
  OC: ["oc", "apac-se", "apac"],
  SA: ["sam", "enam"],
};

/**
 * Reads where a request wants to be served: `Member: 2`, `Consistency: local`, or by the leader.
 *
 * @param isLocal - the request asks for local consistency in its query.
 * @throws HttpProblem 400 for a member that can't be one, or where there is no ensemble.
 */
export function placementOf(
  request: Request,
  ensemble: Configuration | undefined,
  isLocal = false,
): Placement {
  const member = request.headers.get("Member");
  if (member !== null) return { type: "member", sid: memberOf(member, ensemble) };
  if (!isLocal && request.headers.get("Consistency") !== "local") return BY_LEADER;
  return { type: "any", near: nearOf(request) };
}

/** The members in the order in which a placement asks them. */
export function turnOf(placement: Placement, { members }: Configuration): readonly Sid[] {
  if (placement.type === "member") return [placement.sid];
  // An observer knows who leads, but can't lead.
  const rank =
    placement.type === "leader"
      ? ({ type }: Member) => Number(type === "observer")
      : ({ region }: Member) => rankOf(placement.near, region);
  return members.toSorted((a, b) => rank(a) - rank(b)).map(({ sid }) => sid);
}

function rankOf(near: readonly string[], region: string | undefined): number {
  const index = region === undefined ? -1 : near.indexOf(region);
  return index < 0 ? near.length : index;
}

function nearOf(request: Request): readonly string[] {
  const { continent } = (request.cf ?? {}) as { readonly continent?: string };
  return NEAR[continent ?? ""] ?? [];
}

function memberOf(text: string, ensemble: Configuration | undefined): Sid {
  if (ensemble === undefined) {
    throw badRequest("Member is for ensembles: this service keeps a namespace in one object");
  }
  // Any number: the configuration may have changed since the variable was written.
  if (/^\d{1,3}$/.test(text)) return Number(text);
  throw badRequest(`Member: expected the id of a member, got ${quote(text)}`);
}
