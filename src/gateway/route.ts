import type { z } from "@hono/zod-openapi";
import type { Identity, Role } from "../core/identity.ts";
import type { MemberApi, ShardApi } from "../shard/shard-api.ts";
import type { Sid } from "../zab/configuration.ts";
import type { ShownAuth } from "./auth.ts";
import type { GatewayConfig } from "./config.ts";
import type { Address } from "./path.ts";

/** A request at the door of its handler: addressed, let in, its query parsed. */
export interface Call<Query = unknown> {
  readonly request: Request;
  readonly address: Address;
  readonly query: Query;
  /** Who calls; on a public route nobody was asked. */
  readonly identity: Identity;
  readonly auth: ShownAuth;
  readonly shard: ShardApi;
  /** One member of the namespace's ensemble; only where there is one. */
  readonly member: (sid: Sid) => MemberApi;
  readonly config: GatewayConfig;
}

export type Method = "GET" | "PUT" | "POST" | "DELETE";

/** What the documentation says about an answer. */
export interface Answer {
  readonly description: string;
  readonly schema?: z.ZodType;
  /** Default `application/json` with a schema. */
  readonly type?: string;
}

/** A header that a route reads. */
export interface HeaderParameter {
  readonly name: string;
  readonly description: string;
  readonly example?: string;
}

/**
 * One operation: how it is reached, who may, what it takes, and what it does. Routing, roles,
 * `Allow`, strict queries and the OpenAPI document all come from this one value.
 */
export interface Route {
  readonly method: Method;
  /** As OpenAPI writes it; `{path}` stands for any number of parts. HEAD comes with GET. */
  readonly path: string;
  /** The role needed; `public` routes ask for no token. */
  readonly access: Role | "public";
  readonly tag: string;
  readonly summary: string;
  readonly description: string;
  readonly query: z.ZodObject;
  readonly headers?: readonly HeaderParameter[];
  /** Type and schema of the body; bytes without a schema. */
  readonly body?: { readonly type: string; readonly schema?: z.ZodType };
  readonly answers: Readonly<Record<number, Answer>>;
  /** Called with the parsed query; see {@link defineRoute}. */
  readonly handle: (call: Call<never>) => Response | Promise<Response>;
}

/** Ties a handler's query to the route's schema. */
export function defineRoute<S extends z.ZodObject>(
  route: Omit<Route, "query" | "handle"> & {
    readonly query: S;
    readonly handle: (call: Call<z.output<S>>) => Response | Promise<Response>;
  },
): Route {
  return route;
}
