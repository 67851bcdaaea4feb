import { JavaDouble } from "./java-text.ts";

/** What AdminServer's answers are made of. */
export type AdminJson =
  | null
  | boolean
  | number
  | string
  | JavaDouble
  | readonly AdminJson[]
  | { readonly [key: string]: AdminJson };

/**
 * Writes JSON as AdminServer does, so that what greps its answers finds the same lines.
 *
 *     {
 *       "connections" : [ ],
 *       "error" : null
 *     }
 *
 * Source: Jackson `DefaultPrettyPrinter`, ZooKeeper `JsonOutputter`.
 */
export function formatJackson(value: AdminJson, indent = ""): string {
  if (value instanceof JavaDouble) return value.toString();
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (isList(value)) {
    const items = value.map((item) => formatJackson(item, indent));
    return items.length === 0 ? "[ ]" : `[ ${items.join(", ")} ]`;
  }
  const inner = `${indent}  `;
  const lines = Object.entries(value).map(
    ([key, field]) => `${inner}${JSON.stringify(key)} : ${formatJackson(field, inner)}`,
  );
  return lines.length === 0 ? "{ }" : `{\n${lines.join(",\n")}\n${indent}}`;
}

/** `Array.isArray` doesn't narrow a readonly array. */
function isList(value: object): value is readonly AdminJson[] {
  return Array.isArray(value);
}
