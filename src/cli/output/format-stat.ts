import type { Stat } from "../../client/index.ts";

/** The lines of a Stat. Source: zkCli `StatPrinter`. */
export function statLines(stat: Stat): string[] {
  return [
    `cZxid = ${hex(stat.czxid)}`,
    `ctime = ${formatDate(stat.ctime)}`,
    `mZxid = ${hex(stat.mzxid)}`,
    `mtime = ${formatDate(stat.mtime)}`,
    `pZxid = ${hex(stat.pzxid)}`,
    `cversion = ${stat.cversion}`,
    `dataVersion = ${stat.version}`,
    `aclVersion = ${stat.aversion}`,
    `ephemeralOwner = ${hex(stat.ephemeralOwner)}`,
    `dataLength = ${stat.dataLength}`,
    `numChildren = ${stat.numChildren}`,
  ];
}

/** 64 bits without a sign, as Java prints them. */
function hex(value: number | bigint): string {
  return `0x${BigInt.asUintN(64, BigInt(value)).toString(16)}`;
}

const DATE = new Intl.DateTimeFormat("en-US", {
  weekday: "short",
  month: "short",
  day: "2-digit",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
  timeZoneName: "short",
  year: "numeric",
});

/** `Thu Jan 01 00:00:00 UTC 1970`, in the zone of the user. Source: Java `Date.toString`. */
export function formatDate(ms: number): string {
  const parts = DATE.formatToParts(ms).map(({ type, value }) => [type, value]);
  const part = Object.fromEntries(parts) as Record<string, string>;
  const day = `${part["weekday"]} ${part["month"]} ${part["day"]}`;
  const time = `${part["hour"]}:${part["minute"]}:${part["second"]}`;
  return `${day} ${time} ${part["timeZoneName"]} ${part["year"]}`;
}
