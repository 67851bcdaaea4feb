import { z } from "@hono/zod-openapi";
import { formatZxid, parseZxid } from "../core/zxid.ts";
import { decodeEscapes, quote, rawQuery } from "./path.ts";
import { badRequest } from "./problem.ts";

/*
 * Schemas of single flags. The query of a route is an object of them, each optional and fed with the
 * text behind `=`.
 */

/** `?name` or `?name=true`; anything else, `false` included, is refused. */
export function flag(description: string): z.ZodType<true | undefined> {
  return z
    .enum(["", "true"])
    .transform((): true => true)
    .optional()
    .openapi({ type: "boolean", description, param: { allowEmptyValue: true } });
}

/** A decimal integer within bounds; a refusal names the limit that is `max`. */
export function integer(
  [min, max]: readonly [min: number, max: number],
  limitName: string,
  description: string,
): z.ZodType<number | undefined> {
  return z
    .string()
    .refine((text) => /^\d{1,15}$/.test(text) && Number(text) >= min && Number(text) <= max, {
      error: `expected an integer from ${min} to ${max} (${limitName})`,
    })
    .transform(Number)
    .optional()
    .openapi({ type: "integer", minimum: min, maximum: max, description });
}

/** A zxid as every answer shows it. */
export function zxid(description: string): z.ZodType<number | undefined> {
  return z
    .string()
    .refine((text) => parseZxid(text) !== undefined, { error: "expected a zxid like 0x1a" })
    .transform((text) => parseZxid(text) ?? 0)
    .optional()
    .openapi({ type: "string", description, example: formatZxid(0x1a) });
}

/** A duration with its unit, `30s` or `500ms`; in milliseconds once parsed. */
export function duration(
  maxMs: number,
  limitName: string,
  description: string,
): z.ZodType<number | undefined> {
  return z
    .string()
    .refine((text) => parseDurationMs(text) <= maxMs, {
      error: `expected a duration like 30s or 500ms, at most ${maxMs / 1_000}s (${limitName})`,
    })
    .transform(parseDurationMs)
    .optional()
    .openapi({ type: "string", description, example: "30s" });
}

/** Text as it is. */
export function text(description: string): z.ZodType<string | undefined> {
  return z.string().optional().openapi({ type: "string", description });
}

/**
 * Parses the query of a URL by a route's schema.
 *
 * @throws HttpProblem 400 that names the flag: unknown, given twice, or with a value it can't have.
 */
export function parseQuery<S extends z.ZodObject>(url: string, schema: S): z.output<S> {
  const seen = new Map<string, string>();
  for (const pair of rawQuery(url).split("&")) {
    if (pair === "") continue;
    const equals = pair.indexOf("=");
    const name = decodeWord(equals < 0 ? pair : pair.slice(0, equals));
    if (!Object.hasOwn(schema.shape, name)) throw unknownFlag(name, Object.keys(schema.shape));
    if (seen.has(name)) throw badRequest(`query flag ${name} is given twice`);
    seen.set(name, equals < 0 ? "" : decodeWord(pair.slice(equals + 1)));
  }
  const result = schema.safeParse(Object.fromEntries(seen));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const name = String(issue?.path[0]);
  throw badRequest(`query flag ${name}: ${issue?.message}, got ${quote(seen.get(name) ?? "")}`);
}

/** Source: WHATWG URL, application/x-www-form-urlencoded, but with strict escapes. */
function decodeWord(raw: string): string {
  return decodeEscapes(raw.replaceAll("+", " "));
}

function unknownFlag(name: string, known: readonly string[]): Error {
  const list = known.length === 0 ? "this request takes none" : `known here: ${known.join(", ")}`;
  return badRequest(`unknown query flag ${quote(name)}; ${list}`);
}

function parseDurationMs(text: string): number {
  const [, amount, unit] = /^(\d{1,9})(ms|s|m)$/.exec(text) ?? [];
  if (amount === undefined) return Number.NaN;
  return Number(amount) * (unit === "ms" ? 1 : unit === "s" ? 1_000 : 60_000);
}
