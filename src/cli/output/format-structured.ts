import { stringify } from "yaml";

/** Formats a value as JSON of one line, so that streams of them can be read line by line. */
export function formatJson(value: unknown): string {
  return JSON.stringify(value, withoutBigInts);
}

/** Formats a value as a YAML document. */
export function formatYaml(value: unknown): string {
  return `---\n${stringify(JSON.parse(formatJson(value)))}`;
}

/** 64 bits fit into no number of JSON's readers: they go as text. */
function withoutBigInts(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? String(value) : value;
}
