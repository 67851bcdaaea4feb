import type { Paint } from "../output/colours.ts";
import type { Measured } from "./measurements.ts";

const HEADINGS = ["", "requests", "per second", "p50 ms", "p90 ms", "p99 ms", "max ms", "errors"];

/** Measurements for people: one line each, under headings. */
export function benchRows(all: readonly Measured[], paint: Paint): string[] {
  const cells = [HEADINGS, ...all.map(cellsOf)];
  const widths = HEADINGS.map((_, column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0)),
  );
  const lines = cells.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("   ")
      .trimEnd(),
  );
  const [headings = "", ...rows] = lines;
  return [
    paint("title", headings),
    ...rows.map((row, index) => (hasErrors(all[index]) ? paint("error", row) : row)),
  ];
}

function cellsOf(measured: Measured): string[] {
  const { operation, requests, perSecond, p50Ms, p90Ms, p99Ms, maxMs, errors } = measured;
  const times = [p50Ms, p90Ms, p99Ms, maxMs].map((ms) => ms.toFixed(2));
  const failures = Object.entries(errors).map(([code, count]) => `${code} ${count}`);
  const counts = [requests, perSecond].map((count) => count.toLocaleString("en-US"));
  return [operation, ...counts, ...times, failures.join(", ") || "0"];
}

function hasErrors(measured: Measured | undefined): boolean {
  return Object.keys(measured?.errors ?? {}).length > 0;
}
