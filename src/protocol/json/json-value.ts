/** A JSON object whose fields were not looked at yet. */
export type JsonObject = { readonly [name: string]: unknown };

/** Length at which a value quoted in a message is cut. */
const QUOTE_LENGTH_MAX = 60;

/** Tells an object from everything else that JSON has. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Quotes a text of a client in a message, cut to a bounded length. */
export function quote(text: string): string {
  if (text.length <= QUOTE_LENGTH_MAX) return JSON.stringify(text);
  return `${JSON.stringify(text.slice(0, QUOTE_LENGTH_MAX))}… (${text.length} characters)`;
}

/** Names the type of a value, never its content: that may be a secret. */
export function kindOf(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  switch (typeof value) {
    case "string":
      return value.isWellFormed() ? "text" : "text with half a surrogate pair";
    case "number":
      return "a number";
    case "boolean":
      return String(value);
    default:
      return "an object";
  }
}
