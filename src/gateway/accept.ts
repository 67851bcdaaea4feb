import { badRequest } from "./problem.ts";
import { quote } from "./path.ts";

/** The two forms of a znode: its bytes, or JSON with path and Stat. */
export type Representation = "bytes" | "json";

const TYPES: readonly (readonly [Representation, string])[] = [
  ["bytes", "application/octet-stream"],
  ["json", "application/json"],
];

/**
 * Picks what the client prefers; bytes on a tie and without the header.
 *
 * Source: RFC 9110 §12.5.1.
 *
 * @throws HttpProblem 406 if it takes neither.
 */
export function negotiate(request: Request): Representation {
  const header = request.headers.get("Accept");
  if (header === null || header.trim() === "") return "bytes";
  let best: Representation | undefined;
  let bestQuality = 0;
  for (const [representation, type] of TYPES) {
    const quality = qualityOf(type, header);
    if (quality > bestQuality) [best, bestQuality] = [representation, quality];
  }
  if (best !== undefined) return best;
  throw badRequest(
    `Accept: expected application/octet-stream or application/json, got ${quote(header)}`,
    { status: 406 },
  );
}

/** The quality of the most specific range that covers `type`; 0 if none does. */
function qualityOf(type: string, header: string): number {
  const ranges = [type, type.replace(/\/.*/, "/*"), "*/*"];
  let bestRank = ranges.length;
  let quality = 0;
  for (const range of header.split(",")) {
    const [name = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
    const rank = ranges.indexOf(name);
    if (rank < 0 || rank >= bestRank) continue;
    bestRank = rank;
    quality = parseQuality(parameters.find((parameter) => parameter.startsWith("q=")));
  }
  return quality;
}

function parseQuality(parameter: string | undefined): number {
  if (parameter === undefined) return 1;
  const quality = Number(parameter.slice(2));
  return quality >= 0 && quality <= 1 ? quality : 0;
}
