import { z } from "@hono/zod-openapi";
import { bytesOf } from "../client/data.ts";
import type { CallOptions, SessionOptions } from "../client/keeper-binding.ts";
import { badRequest } from "../gateway/problem.ts";
import { judgeIdempotencyKey } from "../gateway/request-headers.ts";
import type { ShardCall } from "../shard/shard-api.ts";

const common = {
  namespace: z.string().optional(),
  chroot: z.string().optional(),
  auth: z
    .array(z.strictObject({ scheme: z.string(), auth: z.string().or(z.instanceof(Uint8Array)) }))
    .optional(),
};

const callOptionsSchema = z.strictObject({
  ...common,
  consistency: z.enum(["strict", "local"]).optional(),
  idempotencyKey: z.string().optional(),
  minZxid: z.int().nonnegative().optional(),
});

const sessionOptionsSchema = z.strictObject({
  ...common,
  sessionTimeoutMs: z.number().optional(),
  canBeReadOnly: z.boolean().optional(),
});

/** Refuses what is no options of calls. @throws HttpProblem 400 that names the field. */
export function checkCallOptions(options: CallOptions): CallOptions {
  return check(callOptionsSchema, options);
}

/** Refuses what is no options of a session. @throws HttpProblem 400 that names the field. */
export function checkSessionOptions(options: SessionOptions): SessionOptions {
  return check(sessionOptionsSchema, options);
}

function check<T>(schema: z.ZodType, options: T): T {
  const result = schema.safeParse(options);
  if (result.success) return options;
  const [issue] = result.error.issues;
  throw badRequest(`options: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`);
}

/** What beside a read, and beside a write, tells the shard how it is meant. @throws HttpProblem 400 */
export function requestOptionsOf({ consistency, idempotencyKey, minZxid }: CallOptions): {
  readonly readOptions: NonNullable<ShardCall["options"]>;
  readonly writeOptions: NonNullable<ShardCall["options"]>;
} {
  const both = minZxid === undefined ? {} : { minZxid };
  const isStrict = consistency === "strict";
  return {
    readOptions: {
      ...both,
      ...(isStrict && { isStrict }),
      ...(consistency === "local" && { consistency }),
    },
    writeOptions: {
      ...both,
      ...(idempotencyKey !== undefined && { idempotencyKey: judgeIdempotencyKey(idempotencyKey) }),
    },
  };
}

/** The proofs of identity that come with a call. */
export function authOf({ auth = [] }: CallOptions): NonNullable<ShardCall["auth"]> {
  return auth.map((proof) => ({
    scheme: proof.scheme,
    auth: bytesOf(proof.auth) ?? new Uint8Array(0),
  }));
}
