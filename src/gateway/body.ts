import { Code } from "../core/keeper-error.ts";
import { HttpProblem, badRequest, tooLarge } from "./problem.ts";
import { quote } from "./path.ts";

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

/** A limit by the name under which it is refused. */
export interface BodyLimit {
  readonly name: string;
  readonly bytes: number;
}

/**
 * Reads a body. Refuses by `Content-Length` before the first byte, otherwise at the first byte over
 * the limit, so that nobody makes us hold more.
 *
 * @throws HttpProblem 413
 */
export async function readBytes(request: Request, limit: BodyLimit): Promise<Uint8Array> {
  const declared = Number(request.headers.get("Content-Length") ?? 0);
  if (declared > limit.bytes) throw tooLarge(limit.name, limit.bytes, declared);
  if (request.body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader: ReadableStreamDefaultReader<Uint8Array> = request.body.getReader();
  for (;;) {
    const { done, value } = await readChunk(reader);
    if (done) break;
    length += value.length;
    if (length > limit.bytes) {
      await reader.cancel();
      throw tooLarge(limit.name, limit.bytes, "more");
    }
    chunks.push(value);
  }
  return concatenate(chunks, length);
}

/** Reads on. @throws HttpProblem 400 if the client has gone, which is no defect of ours. */
async function readChunk(
  reader: ReadableStreamDefaultReader<Uint8Array>,
): Promise<ReadableStreamReadResult<Uint8Array>> {
  try {
    return await reader.read();
  } catch {
    throw badRequest("body: expected all of it, got the end of the connection");
  }
}

/**
 * Reads a JSON body.
 *
 * @throws HttpProblem 415 for another type, 413 over the limit, 400 for bytes that are no JSON.
 */
export async function readJson(request: Request, limit: BodyLimit): Promise<unknown> {
  const type = request.headers.get("Content-Type") ?? "";
  if (!/^application\/json\s*(;|$)/i.test(type.trim())) {
    throw badRequest(`Content-Type: expected application/json, got ${quote(type)}`, {
      status: 415,
    });
  }
  const bytes = await readBytes(request, limit);
  try {
    return JSON.parse(UTF8.decode(bytes));
  } catch (error) {
    // Either the decoder or the parser; both say where.
    throw new HttpProblem(Code.MARSHALLINGERROR, `body is no JSON: ${messageOf(error)}`);
  }
}

/** @throws HttpProblem 400 if there is a body where none has a meaning. */
export async function refuseBody(request: Request): Promise<void> {
  await readBytes(request, { name: "body of this request, bytes,", bytes: 0 });
}

function concatenate(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const [first] = chunks;
  if (first !== undefined && chunks.length === 1) return first;
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.slice(0, 120) : "unknown";
}
