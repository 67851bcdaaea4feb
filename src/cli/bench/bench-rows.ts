import { alignColumns } from "../output/columns.ts";
import type { Paint } from "../output/colours.ts";
import type { Measured } from "./measurements.ts";

const HEADINGS = ["", "requests", "per second", "p50 ms", "p90 ms", "p99 ms", "max ms", "errors"];

/** Measurements for people: one line each, under headings. */
export function benchRows(all: readonly Measured[], paint: Paint): string[] {
  const lines = alignColumns([HEADINGS, ...all.map(cellsOf)], 1);
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
