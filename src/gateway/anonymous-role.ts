import type { Role } from "../core/identity.ts";
import type { Env } from "../shard/env.ts";
import { badConfig } from "./problem.ts";

/**
 * Reads who comes in without a token. Only `src/dev.ts` and `src/serve.ts` import this: what is not in
 * the bundle of a deployment can't be switched on there by a variable [SC4].
 *
 * @throws HttpProblem 500 that names the variable, never its value.
 */
export function readAnonymousRole({ ANONYMOUS_ROLE: text }: Env): Role | undefined {
  if (text === undefined || text === "") return undefined;
  if (text === "read" || text === "write" || text === "admin") return text;
  throw badConfig("ANONYMOUS_ROLE: expected read, write or admin");
}
