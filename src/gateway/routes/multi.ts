import { z } from "@hono/zod-openapi";
import { Code, isFailure } from "../../core/keeper-error.ts";
import { LIMITS } from "../../core/limits.ts";
import { decodeMultiBody } from "../../protocol/json/decode-request.ts";
import { encodeReplyBody } from "../../protocol/json/encode.ts";
import { isJsonObject } from "../../protocol/json/json-value.ts";
import { readJson } from "../body.ts";
import { HttpProblem, problemOf } from "../problem.ts";
import { COMMON_HEADERS, IDEMPOTENCY_HEADER } from "../request-headers.ts";
import { jsonResponse } from "../response.ts";
import { type Call, defineRoute, type Route } from "../route.ts";
import { multiBodySchema, multiSchema } from "../schemas.ts";
import { type Answered, ask, type ReplyTo } from "../shard-client.ts";

const BODY_LIMIT = { name: "JSON_MESSAGE_BYTES_MAX", bytes: LIMITS.JSON_MESSAGE_BYTES_MAX };

/** `/multi`: several changes, all or nothing. */
export const MULTI_ROUTES: readonly Route[] = [
  defineRoute({
    method: "POST",
    path: "/multi",
    access: "write",
    tag: "Znodes",
    summary: "Do several changes, all or none",
    description:
      "Creates, changes, deletes and checks in one transaction. If one fails none is done: the " +
      "problem has the code of the one that failed, and its `index`.",
    query: z.object({}),
    headers: [...COMMON_HEADERS, IDEMPOTENCY_HEADER],
    body: { type: "application/json", schema: multiBodySchema },
    answers: { 200: { description: "all were done", schema: multiSchema } },
    handle: postMulti,
  }),
];

async function postMulti(call: Call): Promise<Response> {
  const body = await readJson(call.request, BODY_LIMIT);
  if (!isJsonObject(body)) {
    throw new HttpProblem(Code.MARSHALLINGERROR, 'body: expected {"ops":[…]}');
  }
  const decoded = decodeMultiBody(body, LIMITS);
  if (isFailure(decoded)) throw problemOf(decoded, 0);
  const answered = await ask(call, { op: "multi", ops: decoded.ops }, "multi");
  refusePartial(answered);
  return jsonResponse(encodeReplyBody(answered.value), answered);
}

/** A failed multi is answered by the code of each part: OK, the reason, and a follow-up code. */
function refusePartial({ value, zxid }: Answered<ReplyTo<"multi">>): void {
  for (const [index, result] of value.results.entries()) {
    if (result.op !== "error" || result.code === Code.OK) continue;
    const message = `part ${index} of the multi failed, so none was done`;
    throw new HttpProblem(result.code, message, { index, zxid });
  }
}
