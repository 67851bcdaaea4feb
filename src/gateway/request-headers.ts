import { LIMITS } from "../core/limits.ts";
import { type Request as KeeperRequest, isWrite } from "../core/request.ts";
import type { RequestOptions } from "../core/request-options.ts";
import type { SessionToken } from "../core/session.ts";
import { parseZxid } from "../core/zxid.ts";
import { parseSessionToken } from "../protocol/session-token.ts";
import { quote } from "./path.ts";
import { badRequest } from "./problem.ts";
import type { HeaderParameter } from "./route.ts";

/** Headers that every operation on znodes reads. */
export const COMMON_HEADERS: readonly HeaderParameter[] = [
  {
    name: "Session",
    description: "token of a session, as `POST /sessions` answers it",
    example: "1f.q83vEjRWeJCrze8SNFZ4kA",
  },
  {
    name: "ZooKeeper-Auth",
    description: "`digest user:password`, may stand several times",
    example: "digest bob:secret",
  },
  {
    name: "Min-Zxid",
    description: "answer not before this zxid is applied: read your own writes",
    example: "0x1a",
  },
  {
    name: "Member",
    description: "of an ensemble: the id of the member that serves this request, not the leader",
    example: "2",
  },
];

/** Read by GET beside the common ones. */
export const CONSISTENCY_HEADER: HeaderParameter = {
  name: "Consistency",
  description:
    "`strict`: the read doesn't depend on the platform's single-owner promise; `local`, of an " +
    "ensemble: a near member answers, which may lag behind",
  example: "strict",
};

/** Read by every write beside the common ones. */
export const IDEMPOTENCY_HEADER: HeaderParameter = {
  name: "Idempotency-Key",
  description:
    "up to 64 printable ASCII characters; a retry with the same key gets the first answer, " +
    "with `Idempotency-Replayed: true`, for 10 minutes",
  example: "order-4711",
};

/** The session a call speaks for. @throws HttpProblem 400 for what is no token. */
export function sessionOf(request: Request): SessionToken | undefined {
  const header = request.headers.get("Session");
  if (header === null) return undefined;
  const token = parseSessionToken(header);
  // Never quoted: the half that is right may be the secret one.
  if (token === undefined) throw badRequest("Session: expected <id hex>.<password base64url>");
  return token;
}

/** Refuses a key where it would be ignored: a session is no znode. @throws HttpProblem 400 */
export function refuseIdempotencyKey({ headers }: Request): void {
  if (!headers.has("Idempotency-Key")) return;
  throw badRequest(
    "Idempotency-Key is for writes of znodes: a session that nobody keeps alive goes by itself",
  );
}

/** Reads the options of a request. @throws HttpProblem 400 */
export function requestOptions({ headers }: Request, request: KeeperRequest): RequestOptions {
  const minZxid = headers.get("Min-Zxid");
  const consistency = headers.get("Consistency");
  const idempotencyKey = headers.get("Idempotency-Key");
  return {
    ...(minZxid !== null && { minZxid: checkMinZxid(minZxid) }),
    ...(consistency !== null && checkConsistency(consistency, request)),
    ...(idempotencyKey !== null && {
      idempotencyKey: checkIdempotencyKey(idempotencyKey, request),
    }),
  };
}

function checkMinZxid(text: string): number {
  const zxid = parseZxid(text);
  if (zxid === undefined)
    throw badRequest(`Min-Zxid: expected a zxid like 0x1a, got ${quote(text)}`);
  return zxid;
}

function checkConsistency(text: string, request: KeeperRequest): RequestOptions {
  if (isWrite(request)) throw badRequest("Consistency is for reads: a write is always strict");
  if (text === "strict") return { isStrict: true };
  if (text === "local") return { consistency: "local" };
  throw badRequest(`Consistency: expected strict or local, got ${quote(text)}`);
}

function checkIdempotencyKey(text: string, request: KeeperRequest): string {
  if (!isWrite(request)) throw badRequest("Idempotency-Key is for writes: a read has no effect");
  return judgeIdempotencyKey(text);
}

/** @throws HttpProblem 400 for a key that can't be one. */
export function judgeIdempotencyKey(text: string): string {
  const max = LIMITS.IDEMPOTENCY_KEY_BYTES_MAX;
  if (!/^[\x20-\x7e]+$/.test(text)) {
    throw badRequest("Idempotency-Key: expected printable ASCII");
  }
  if (text.length > max) {
    throw badRequest(`Idempotency-Key: IDEMPOTENCY_KEY_BYTES_MAX is ${max}, got ${text.length}`, {
      expected: max,
      seen: text.length,
    });
  }
  return text;
}
