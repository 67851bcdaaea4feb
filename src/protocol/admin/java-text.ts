/** A double, which Java never writes without a decimal point. */
export class JavaDouble {
  readonly value: number;

  /** @param value - is rounded to 4 decimals, as ZooKeeper does with its averages. */
  constructor(value: number) {
    this.value = Math.round(value * 10_000) / 10_000;
  }

  toString(): string {
    return Number.isInteger(this.value) ? this.value.toFixed(1) : String(this.value);
  }
}

/** `Sun Nov 22 05:07:49 UTC 2026`. Source: Java `Date.toString`, on a server in UTC. */
export function formatJavaDate(ms: number): string {
  const [weekday, day, month, year, time] = new Date(ms).toUTCString().replace(",", "").split(" ");
  return `${weekday} ${month} ${day} ${time} UTC ${year}`;
}

/** A 64-bit number as Java's `Long.toHexString` prints it, behind `0x`. */
export function formatLongHex(value: number): string {
  return `0x${BigInt.asUintN(64, BigInt(value)).toString(16)}`;
}
