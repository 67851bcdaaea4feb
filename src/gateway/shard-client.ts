import { assert } from "../core/assert.ts";
import { Code, type Outcome, isFailure } from "../core/keeper-error.ts";
import type { Reply, Request as KeeperRequest } from "../core/request.ts";
import type { Zxid } from "../core/zxid.ts";
import type { Env } from "../shard/env.ts";
import { formatObjectName } from "../shard/object-name.ts";
import type { ShardAnswer, ShardApi, ShardCall } from "../shard/shard-api.ts";
import type { ShownAuth } from "./auth.ts";
import type { GatewayConfig } from "./config.ts";
import { EnsembleClient, isOverloaded, type LeaderHints } from "./ensemble-client.ts";
import type { Placement } from "./placement.ts";
import { HttpProblem, problemOf } from "./problem.ts";
import { requestOptions, sessionOf } from "./request-headers.ts";
import type { Call } from "./route.ts";

type AuthBytes = NonNullable<ShardCall["auth"]>[number];

const UTF8 = new TextEncoder();

/** A successful answer. */
export interface Answered<T> {
  readonly zxid: Zxid;
  readonly value: T;
  readonly isReplayed: boolean;
}

/** The reply to an operation. */
export type ReplyTo<Op extends Reply["op"]> = Reply extends infer R
  ? R extends { op: infer O }
    ? Op extends O
      ? R
      : never
    : never
  : never;

/** By namespace of objects, which lives as long as the isolate: bindings are all that is shared. */
const HINTS = new WeakMap<DurableObjectNamespace, LeaderHints>();

/**
 * The shard that holds a namespace: one, with root `/`, until namespaces are split. It is one object,
 * or the members of an ensemble.
 */
export function shardOf(
  { SHARD: objects }: Pick<Env, "SHARD">,
  { ensemble }: Pick<GatewayConfig, "ensemble">,
  { namespace, placement }: { readonly namespace: string; readonly placement: Placement },
): ShardApi {
  if (ensemble === undefined) {
    // The generated type of an RPC stub is too deep for the compiler; the interface is ours anyway.
    return objects.getByName(formatObjectName(namespace)) as unknown as ShardApi;
  }
  const hints: LeaderHints = HINTS.get(objects) ?? new Map();
  HINTS.set(objects, hints);
  return new EnsembleClient({ objects, namespace, ensemble, hints, placement });
}

/**
 * Sends one request to the shard, with the caller's identity, session and options.
 *
 * @throws HttpProblem for every failure, also of the way to the shard.
 */
export async function ask<Op extends Reply["op"]>(
  call: Call,
  request: KeeperRequest,
  op: Op,
): Promise<Answered<ReplyTo<Op>>> {
  const session = sessionOf(call.request);
  const shardCall: ShardCall = {
    identity: call.identity,
    request,
    options: requestOptions(call.request, request),
    ...(call.auth.length > 0 && { auth: call.auth.map(encodeAuth) }),
    ...(session !== undefined && { session }),
  };
  const { value, ...rest } = await settle(() => call.shard.call(shardCall));
  assert(value.op === op, `reply ${value.op} to a request that is answered by ${op}`);
  return { ...rest, value: value as ReplyTo<Op> };
}

function encodeAuth({ scheme, auth }: ShownAuth[number]): AuthBytes {
  return { scheme, auth: UTF8.encode(auth) };
}

/**
 * Awaits an answer of the shard and unwraps it.
 *
 * @throws HttpProblem for a failure; 503 if the object was lost on the way: whether it acted is
 * unknown then, and a retry is safe with the same `Idempotency-Key` only.
 */
export async function settle<T>(send: () => Promise<ShardAnswer<T>>): Promise<Answered<T>> {
  const { outcome, zxid, isReplayed } = await reach(send);
  return { zxid, value: succeed(outcome, zxid), isReplayed };
}

/** Calls the shard. @throws HttpProblem 503 if it can't be reached or was lost. */
export async function reach<T>(send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (error) {
    if (error instanceof HttpProblem) throw error;
    // The platform's errors of a lost, overloaded or reset object; their text names our internals.
    throw new HttpProblem(
      Code.CONNECTIONLOSS,
      isOverloaded(error) ? "the shard is overloaded" : "the connection to the shard was lost",
    );
  }
}

function succeed<T>(outcome: Outcome<T>, zxid: Zxid): T {
  if (isFailure(outcome)) throw problemOf(outcome, zxid);
  return outcome;
}
