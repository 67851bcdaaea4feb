import { type ACL, OPEN_ACL_UNSAFE } from "../../core/acl.ts";
import { Code, type Failure, failure } from "../../core/keeper-error.ts";
import type { Limits } from "../../core/limits.ts";
import { type Zxid, parseZxid } from "../../core/zxid.ts";
import { decodeBase64 } from "../base64.ts";
import { isJsonObject, type JsonObject, kindOf, quote } from "./json-value.ts";
import { parseAclJson } from "./values.ts";

const UTF8 = new TextEncoder();

/** Where the object stands in its message, for the text of a failure. */
export interface Place {
  /** The operation or message that the fields belong to. */
  readonly op: string;
  /** The position in `ops`, if it is a part of a multi. */
  readonly index?: number;
}

/**
 * Reads the fields of one JSON object and keeps the first failure.
 *
 * Reading on after a failure is harmless: a reader answers with a neutral value, and whoever made
 * it looks at {@link failure} in the end. So decoders are straight lines, and the fields that they
 * ask for are the fields that exist: {@link end} refuses every other one.
 */
export class FieldReader {
  readonly limits: Limits;
  readonly #object: JsonObject;
  readonly #place: Place;
  readonly #asked: string[] = [];
  #present = 0;
  #failed: Failure | undefined;

  constructor(object: JsonObject, place: Place, limits: Limits) {
    this.limits = limits;
    this.#object = object;
    this.#place = place;
  }

  /** The first failure so far. */
  get failure(): Failure | undefined {
    return this.#failed;
  }

  /** Refuses fields that nobody asked for, and returns the first failure. */
  end(): Failure | undefined {
    if (this.#failed !== undefined) return this.#failed;
    let fields = 0;
    for (const _ in this.#object) fields++;
    if (fields === this.#present) return undefined;
    for (const name in this.#object) {
      if (this.#asked.includes(name)) continue;
      this.#refuse(
        Code.MARSHALLINGERROR,
        `unknown field ${quote(name)}`,
        `one of ${this.#asked.join(", ")}`,
        quote(name),
      );
    }
    return this.#failed;
  }

  /** Reports a value of the right type that is not allowed. */
  refuse(name: string, expected: string, seen: string | number): void {
    this.#refuse(Code.BADARGUMENTS, `field ${quote(name)}`, expected, seen);
  }

  /** The raw value; undefined if the field is absent. */
  take(name: string): unknown {
    const value = this.#object[name];
    this.#asked.push(name);
    if (value !== undefined) this.#present++;
    return value;
  }

  /** Required text of whole characters. */
  text(name: string): string {
    return this.optionalText(name) ?? this.#missing(name, "text");
  }

  optionalText(name: string): string | undefined {
    const value = this.take(name);
    if (value === undefined) return undefined;
    if (typeof value === "string" && value.isWellFormed()) return value;
    this.#mistyped(name, "text", value);
    return "";
  }

  /** A flag; absent means false. */
  flag(name: string): boolean {
    const value = this.take(name);
    if (typeof value === "boolean") return value;
    if (value !== undefined) this.#mistyped(name, "true or false", value);
    return false;
  }

  /** A number; Infinity is what JSON makes of a number too large. */
  optionalNumber(name: string): number | undefined {
    const value = this.take(name);
    if (value === undefined) return undefined;
    if (typeof value === "number") return value;
    this.#mistyped(name, "a number", value);
    return 0;
  }

  /** A whole number between two bounds, both included. */
  integer(name: string, min: number, max: number): number | undefined {
    const value = this.optionalNumber(name);
    if (value === undefined || (Number.isInteger(value) && value >= min && value <= max)) {
      return value;
    }
    this.refuse(name, `a whole number from ${min} to ${max}`, value);
    return min;
  }

  requiredInteger(name: string, min: number, max: number): number {
    const value = this.integer(name, min, max);
    if (value === undefined) this.#missing(name, `a whole number from ${min} to ${max}`);
    return value ?? min;
  }

  /** The version of a znode, 32 bits with a sign; absent means −1, any. */
  version(): number {
    return this.integer("version", -0x8000_0000, 0x7fff_ffff) ?? -1;
  }

  zxid(name: string): Zxid | undefined {
    const text = this.optionalText(name);
    if (text === undefined) return undefined;
    const zxid = parseZxid(text);
    if (zxid === undefined) this.refuse(name, 'a zxid like "0x1f"', quote(text));
    return zxid;
  }

  requiredZxid(name: string): Zxid {
    const zxid = this.zxid(name);
    if (zxid === undefined) this.#missing(name, "a zxid");
    return zxid ?? 0;
  }

  /** One of the names in a table; the failure lists them. */
  choice<T>(name: string, table: Readonly<Record<string, T>>): T | undefined {
    const text = this.optionalText(name);
    if (text === undefined) return undefined;
    if (Object.hasOwn(table, text)) return table[text];
    this.refuse(name, `one of ${Object.keys(table).join(", ")}`, quote(text));
    return undefined;
  }

  requiredChoice<T>(name: string, table: Readonly<Record<string, T>>): T | undefined {
    const value = this.choice(name, table);
    if (value === undefined) this.#missing(name, `one of ${Object.keys(table).join(", ")}`);
    return value;
  }

  /** The bytes of `name`, text or base64 as `encoding` says: null as null, absent as undefined. */
  bytes(name: string): Uint8Array | null | undefined {
    const value = this.take(name);
    const encoding = this.choice("encoding", { base64: true });
    if (value === null) return null;
    if (value === undefined) {
      if (encoding !== undefined) this.#missing(name, "text in base64");
      return undefined;
    }
    if (typeof value !== "string") {
      this.#mistyped(name, "text or null", value);
      return undefined;
    }
    const max = this.limits.DATA_BYTES_MAX;
    const bytes = encoding === undefined ? encodeText(value, max) : decodeBounded(value, max);
    if (bytes === undefined) {
      this.refuse(
        name,
        encoding === undefined ? "whole characters" : "base64 (RFC 4648 §4)",
        "other text",
      );
      return undefined;
    }
    if (bytes !== "long" && bytes.length <= max) return bytes;
    const size = bytes === "long" ? `more than ${max}` : bytes.length;
    this.refuse(name, `at most ${max} bytes (DATA_BYTES_MAX)`, size);
    return undefined;
  }

  requiredBytes(name: string): Uint8Array | null {
    const bytes = this.bytes(name);
    if (bytes === undefined) this.#missing(name, "text or null");
    return bytes ?? null;
  }

  /** An ACL; absent means that everybody may do everything. */
  acl(): readonly ACL[] {
    const value = this.take("acl");
    return value === undefined ? OPEN_ACL_UNSAFE : this.#acl(value);
  }

  requiredAcl(): readonly ACL[] {
    return this.#acl(this.take("acl"));
  }

  /** A list of texts; absent means empty. */
  texts(name: string): readonly string[] {
    const value = this.take(name);
    if (value === undefined) return [];
    const isText = (text: unknown) => typeof text === "string" && text.isWellFormed();
    if (Array.isArray(value) && value.every(isText)) return value as string[];
    this.#mistyped(name, "a list of texts", value);
    return [];
  }

  /** Decodes each object of a list by `decode`, which gets its own reader. */
  parts<T>(name: string, decode: (part: FieldReader, op: unknown) => T | undefined): readonly T[] {
    const value = this.take(name);
    if (!Array.isArray(value)) {
      this.#mistyped(name, "a list of operations", value);
      return [];
    }
    const parts: T[] = [];
    for (const [index, part] of value.entries()) {
      if (!isJsonObject(part)) {
        this.#mistyped(`${name}[${index}]`, "an object", part);
        return parts;
      }
      const reader = new FieldReader(part, { op: this.#place.op, index }, this.limits);
      const decoded = decode(reader, reader.take("op"));
      this.#failed ??= reader.end();
      if (this.#failed !== undefined || decoded === undefined) return parts;
      parts.push(decoded);
    }
    return parts;
  }

  /** Refuses an operation that does not exist here. */
  refuseOp(op: unknown, known: Iterable<string>): void {
    const expected = `one of ${[...known].join(", ")}`;
    this.#refuse(
      Code.MARSHALLINGERROR,
      'field "op"',
      expected,
      typeof op === "string" ? quote(op) : kindOf(op),
    );
  }

  #acl(value: unknown): readonly ACL[] {
    const acl = parseAclJson(value);
    if (acl !== undefined) return acl;
    this.#mistyped("acl", 'a list of {"scheme","id","perms"}, perms of the letters cdrwa', value);
    return [];
  }

  #missing(name: string, expected: string): string {
    this.#refuse(Code.MARSHALLINGERROR, `field ${quote(name)}`, expected, "nothing");
    return "";
  }

  #mistyped(name: string, expected: string, value: unknown): void {
    this.#refuse(Code.MARSHALLINGERROR, `field ${quote(name)}`, expected, kindOf(value));
  }

  #refuse(code: Code, what: string, expected: string, seen: string | number): void {
    if (this.#failed !== undefined) return;
    const { op, index } = this.#place;
    const where = index === undefined ? op : `${op}, ops[${index}]`;
    const message = `${where}: ${what}: expected ${expected}, got ${seen}`;
    const details = { expected, seen, ...(index === undefined ? {} : { failedAt: index }) };
    this.#failed = failure(code, message, details);
  }
}

/** The bytes of a text: undefined if a surrogate stands alone, "long" if they can't fit. */
function encodeText(text: string, bytesMax: number): Uint8Array | "long" | undefined {
  if (text.length > bytesMax) return "long";
  return text.isWellFormed() ? UTF8.encode(text) : undefined;
}

function decodeBounded(text: string, bytesMax: number): Uint8Array | "long" | undefined {
  return text.length > Math.ceil(bytesMax / 3) * 4 ? "long" : decodeBase64(text);
}
