type Row = Readonly<Record<string, unknown>>;

/** Formats a value as columns under their names: a list of records, one record, or single values. */
export function formatTable(value: unknown): string {
  const rows = (Array.isArray(value) ? value : [value]).map(rowOf);
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cells = [names, ...rows.map((row) => names.map((name) => cellOf(row[name])))];
  const widths = names.map((_, column) =>
    Math.max(...cells.map((line) => line[column]?.length ?? 0)),
  );
  return cells
    .map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "))
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

function cellOf(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return value.replaceAll(/[\n\t]/g, " ");
  return typeof value === "bigint" ? String(value) : JSON.stringify(value);
}
