import { assert } from "../../core/assert.ts";
import { Code, type Failure, failure } from "../../core/keeper-error.ts";
import type { Limits } from "../../core/limits.ts";
import { isWrite, type Request } from "../../core/request.ts";
import type { RequestOptions } from "../../core/request-options.ts";
import { parseSessionToken } from "../session-token.ts";
import { decodeOp, isJsonOp } from "./decode-request.ts";
import { FieldReader } from "./fields.ts";
import { isJsonObject, type JsonObject, kindOf } from "./json-value.ts";
import {
  type DecodedConnect,
  type DecodedInvalid,
  type DecodedMessage,
  NO_XID,
  PROTOCOL_VERSION,
  XID_MAX,
} from "./messages.ts";

/** The timeout of a session that asked for none, milliseconds. */
const TIMEOUT_MS_DEFAULT = 30_000;

const UTF8 = new TextDecoder("utf-8", { fatal: true });
const UTF8_ENCODER = new TextEncoder();

/** A UTF-16 code unit makes at most this many bytes of UTF-8. */
const UTF8_BYTES_MAX = 3;

/**
 * Decodes one WebSocket message, a JSON object or a batch of them; never throws, never empty.
 *
 * A bad part fails alone if it says whom to answer by a readable `id`. Otherwise the client could
 * not tell which part was meant, so the whole message is refused and nothing of it is executed.
 * Of a name that stands twice in one object the last one counts, as in `JSON.parse`.
 */
export function decodeMessage(message: string | ArrayBuffer, limits: Limits): DecodedMessage[] {
  const parsed = parseMessage(message, limits);
  if ("kind" in parsed) return [parsed];
  const { value } = parsed;
  if (!Array.isArray(value)) return [decodeObject(value, limits)];
  const max = limits.JSON_BATCH_MAX;
  if (value.length === 0 || value.length > max) {
    const expected = `1 to ${max} messages (JSON_BATCH_MAX)`;
    return [refuse(Code.BADARGUMENTS, "batch", { expected, seen: value.length })];
  }
  const decoded: DecodedMessage[] = [];
  for (const part of value as readonly unknown[]) {
    const one = decodeObject(part, limits);
    if (one.kind === "invalid" && one.xid === NO_XID) return [one];
    decoded.push(one);
  }
  return decoded;
}

function parseMessage(
  message: string | ArrayBuffer,
  limits: Limits,
): { readonly value: unknown } | DecodedInvalid {
  const max = limits.JSON_MESSAGE_BYTES_MAX;
  const seen = bytesOf(message, max);
  if (seen > max) {
    const expected = `at most ${max} bytes (JSON_MESSAGE_BYTES_MAX)`;
    return refuse(Code.BADARGUMENTS, "message", { expected, seen });
  }
  try {
    return { value: JSON.parse(typeof message === "string" ? message : UTF8.decode(message)) };
  } catch (error) {
    // Both parsers speak by throwing: a SyntaxError, or a TypeError for bytes that are no UTF-8.
    const why = error instanceof SyntaxError ? describeSyntax(error) : "bytes that are no UTF-8";
    return refuse(Code.MARSHALLINGERROR, "message", { expected: "JSON", seen: why });
  }
}

/** Bytes of a message; a text is only counted if it could be over the limit. */
function bytesOf(message: string | ArrayBuffer, bytesMax: number): number {
  if (typeof message !== "string") return message.byteLength;
  const isCertain = message.length > bytesMax || message.length * UTF8_BYTES_MAX <= bytesMax;
  return isCertain ? message.length : UTF8_ENCODER.encode(message).length;
}

/** V8 quotes the text behind a comma; cut, as it may hold a secret. */
function describeSyntax(error: SyntaxError): string {
  return error.message.replace(/, .*$/su, "");
}

function decodeObject(value: unknown, limits: Limits): DecodedMessage {
  if (!isJsonObject(value)) {
    const expected = "an object or a list of objects";
    return refuse(Code.MARSHALLINGERROR, "message", { expected, seen: kindOf(value) });
  }
  return value["op"] === "connect" ? decodeConnect(value, limits) : decodeRequest(value, limits);
}

function decodeRequest(object: JsonObject, limits: Limits): DecodedMessage {
  const name = object["op"];
  const fields = new FieldReader(object, { op: isJsonOp(name) ? name : "request" }, limits);
  const xid = fields.requiredInteger("id", 1, XID_MAX);
  if (fields.failure !== undefined) return invalid(NO_XID, fields.failure);
  const request = decodeOp(fields.take("op"), fields);
  const options = request === undefined ? undefined : readOptions(fields, request);
  const failed = fields.end();
  if (failed !== undefined) return invalid(xid, failed);
  assert(request !== undefined, "an unknown op is a failure");
  return options === undefined
    ? { kind: "request", xid, request }
    : { kind: "request", xid, request, options };
}

/** What a read may ask for beside what it gets anyway. */
const CONSISTENCIES = { strict: { isStrict: true }, local: { consistency: "local" } } as const;

/** Options by what the request is: a key belongs to writes, strictness to everything else. */
function readOptions(fields: FieldReader, request: Request): RequestOptions | undefined {
  const minZxid = fields.zxid("minZxid");
  const isWriting = isWrite(request);
  const idempotencyKey = isWriting ? readIdempotencyKey(fields) : undefined;
  const consistency = isWriting ? undefined : fields.choice("consistency", CONSISTENCIES);
  if (minZxid === undefined && idempotencyKey === undefined && consistency === undefined) {
    return undefined;
  }
  return {
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
    ...(minZxid === undefined ? {} : { minZxid }),
    ...consistency,
  };
}

function readIdempotencyKey(fields: FieldReader): string | undefined {
  const key = fields.optionalText("idempotencyKey");
  if (key === undefined) return undefined;
  const max = fields.limits.IDEMPOTENCY_KEY_BYTES_MAX;
  const bytes = bytesOf(key, max);
  if (bytes < 1 || bytes > max) {
    fields.refuse("idempotencyKey", `1 to ${max} bytes (IDEMPOTENCY_KEY_BYTES_MAX)`, bytes);
  }
  return key;
}

function decodeConnect(object: JsonObject, limits: Limits): DecodedMessage {
  const fields = new FieldReader(object, { op: "connect" }, limits);
  const xid = fields.integer("id", 1, XID_MAX) ?? NO_XID;
  if (fields.failure !== undefined) return invalid(NO_XID, fields.failure);
  fields.take("op");
  fields.requiredInteger("version", PROTOCOL_VERSION, PROTOCOL_VERSION);
  const ask = readAsk(fields);
  const failed = fields.end();
  if (failed !== undefined) return invalid(xid, failed);
  return ask === undefined ? { kind: "connect", xid } : { kind: "connect", xid, ask };
}

/** The session asked for: a new one, the one of a token, or with `false` none. */
function readAsk(fields: FieldReader): DecodedConnect["ask"] {
  const token = fields.take("session");
  if (token === false) return undefined;
  const timeoutMs = fields.optionalNumber("timeout") ?? TIMEOUT_MS_DEFAULT;
  const lastZxidSeen = fields.zxid("lastZxid") ?? 0;
  if (token === undefined) return { timeoutMs, lastZxidSeen };
  const resume = typeof token === "string" ? parseSessionToken(token) : undefined;
  if (resume === undefined) {
    const seen = typeof token === "string" ? "other text" : kindOf(token);
    fields.refuse("session", "a token that connect answered, or false", seen);
    return undefined;
  }
  return { resume, timeoutMs, lastZxidSeen };
}

function refuse(
  code: Code,
  what: string,
  { expected, seen }: { readonly expected: string; readonly seen: string | number },
): DecodedInvalid {
  const message = `${what}: expected ${expected}, got ${seen}`;
  return invalid(NO_XID, failure(code, message, { expected, seen }));
}

function invalid(xid: number, failed: Failure): DecodedInvalid {
  return { kind: "invalid", xid, failure: failed };
}
