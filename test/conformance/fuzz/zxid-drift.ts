import { MALFORMED_WRITE } from "./differences.ts";
import type { Normal } from "./normalise.ts";
import { isWrite } from "./operation.ts";
import type { Value } from "./reply.ts";

const MARSHALLINGERROR = -5;

/**
 * Translates ZooKeeper's zxids into those that edgekeeper must show, where a malformed write took one
 * on ZooKeeper only. Everything else must be equal to the number.
 */
export class ZxidDrift {
  /** ZooKeeper's zxids from which on one more is missing, in order. */
  readonly #missing: number[] = [];
  readonly #onIntended: (name: string) => void;

  constructor(onIntended: (name: string) => void) {
    this.#onIntended = onIntended;
  }

  /** `zooKeeper` as it must look beside `edgekeeper`. */
  translate(zooKeeper: Normal, edgekeeper: Normal | undefined): Normal {
    const zxid = numberOf(zooKeeper.fields["zxid"]);
    if (zxid !== undefined && this.#hasNoZxid(zooKeeper, edgekeeper, zxid)) {
      this.#missing.push(zxid);
      this.#onIntended(MALFORMED_WRITE.name);
    }
    if (this.#missing.length === 0) return zooKeeper;
    return { ...zooKeeper, fields: this.#shiftAll(zooKeeper.fields) };
  }

  #hasNoZxid(a: Normal, b: Normal | undefined, zxid: number): boolean {
    return (
      a.request !== undefined &&
      isWrite(a.request) &&
      a.fields["err"] === MARSHALLINGERROR &&
      b?.fields["err"] === MARSHALLINGERROR &&
      b.fields["zxid"] === name(this.#shift(zxid) - 1)
    );
  }

  #shift(zxid: number): number {
    return zxid - this.#missing.filter((from) => from <= zxid).length;
  }

  #shiftAll(fields: Readonly<Record<string, Value>>): Record<string, Value> {
    const entries = Object.entries(fields).map(([key, value]) => [key, this.#shiftValue(value)]);
    return Object.fromEntries(entries) as Record<string, Value>;
  }

  #shiftValue(value: Value): Value {
    const zxid = numberOf(value);
    if (zxid !== undefined) return name(this.#shift(zxid));
    if (Array.isArray(value)) return value.map((each: Value) => this.#shiftValue(each));
    if (typeof value !== "object" || value === null) return value;
    return this.#shiftAll(value as Record<string, Value>);
  }
}

/** The number of a zxid after the script's start, as `normalise` writes it. */
function numberOf(value: Value | undefined): number | undefined {
  return typeof value === "string" && /^\+\d+$/.test(value) ? Number(value) : undefined;
}

function name(zxid: number): string {
  return `+${zxid}`;
}
