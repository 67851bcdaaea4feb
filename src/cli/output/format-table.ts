import Table from "cli-table3";

type Row = Readonly<Record<string, unknown>>;

/** Two blanks between columns, a line below their names, and no frame around it all. */
const CHARS = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "─",
  "mid-mid": "  ",
  right: "",
  "right-mid": "",
  middle: "  ",
} as const;

/**
 * Formats a value as columns under their names: a list of records, one record, or single values.
 *
 * Source: cli-table3.
 */
export function formatTable(value: unknown): string {
  const rows = (Array.isArray(value) ? value : [value]).map(rowOf);
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  if (names.length === 0) return "";
  const isNumber = (name: string): boolean => rows.every((row) => typeof row[name] === "number");
  const table = new Table({
    head: names,
    chars: CHARS,
    colAligns: names.map((name) => (isNumber(name) ? "right" : "left")),
    style: { head: [], border: [], compact: true, "padding-left": 0, "padding-right": 0 },
  });
  for (const row of rows) table.push(names.map((name) => cellOf(row[name])));
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd())
    .join("\n");
}

/** A record inside of a record takes a column for each of its fields. */
function rowOf(value: unknown): Row {
  if (typeof value !== "object" || value === null) return { value };
  const fields = Object.entries(value).map(([name, field]: [string, unknown]) =>
    typeof field === "object" && field !== null && !Array.isArray(field)
      ? { ...field }
      : { [name]: field },
  );
  return Object.assign({}, ...fields) as Row;
}

/** What others wrote must neither break the line nor steer the terminal. */
function cellOf(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return value.replaceAll(/\p{Cc}/gu, " ");
  return typeof value === "bigint" ? String(value) : JSON.stringify(value);
}
