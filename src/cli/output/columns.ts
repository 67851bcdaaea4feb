/**
 * Aligns cells under each other: a column of numbers to the right, others to the left.
 *
 * @param rightFrom - the first column that is aligned to the right, as are all behind it.
 */
export function alignColumns(rows: readonly (readonly string[])[], rightFrom: number): string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column < rightFrom ? cell.padEnd(width) : cell.padStart(width);
      })
      .join("   ")
      .trimEnd(),
  );
}
