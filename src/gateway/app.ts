import { type Context, Hono } from "hono";
import type { Env } from "../shard/env.ts";
import { checkRole, identify, shownAuth } from "./auth.ts";
import { configReader, type GatewayConfig, type GatewayOptions } from "./config.ts";
import { checkOrigin, corsHeaders, isPreflight, preflightResponse } from "./origin.ts";
import { addressOf, checkNamespace } from "./path.ts";
import { badRequest, HttpProblem, problemResponse, unexpectedProblem } from "./problem.ts";
import { memberOf } from "./ensemble-client.ts";
import { placementOf } from "./placement.ts";
import { parseQuery } from "./query.ts";
import type { Call, Route } from "./route.ts";
import { ADMIN_COMMAND_ROUTES } from "./routes/admin-commands.ts";
import { documentationRoutes } from "./routes/documentation.ts";
import { ENSEMBLE_ROUTES } from "./routes/ensemble.ts";
import { RECONFIG_ROUTES } from "./routes/ensemble-reconfig.ts";
import { MULTI_ROUTES } from "./routes/multi.ts";
import { OPERATION_ROUTES } from "./routes/operations.ts";
import { SESSION_ROUTES } from "./routes/sessions.ts";
import { WEBSOCKET_ROUTES } from "./routes/websocket.ts";
import { ZNODE_ROUTES } from "./routes/znodes.ts";
import { shardOf } from "./shard-client.ts";

interface AppEnv {
  Bindings: Env;
  Variables: { config: GatewayConfig };
}

/**
 * Headers of every answer. Nothing here is a document but `/docs`, which has its own policy:
 * whatever a znode holds, a browser must not run it.
 */
const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
};

/** Every operation of the service, with those of local development; the documentation is made of the same list. */
export function allRoutes(controls: readonly Route[] = []): readonly Route[] {
  const routes = [
    ...ZNODE_ROUTES,
    ...MULTI_ROUTES,
    ...SESSION_ROUTES,
    ...WEBSOCKET_ROUTES,
    ...OPERATION_ROUTES,
    ...ENSEMBLE_ROUTES,
    ...RECONFIG_ROUTES,
    ...ADMIN_COMMAND_ROUTES,
    ...controls,
  ];
  return [...routes, ...documentationRoutes(routes)];
}

/**
 * Composes the gateway. The order matters: configuration before everything that trusts it, the
 * origin before the caller, the caller before the query, so that strangers learn nothing.
 */
export function createApp(options: GatewayOptions = {}): Hono<AppEnv> {
  const app = new Hono<AppEnv>({ getPath: ({ url }) => addressOf(url).route });
  const configOf = configReader(options);
  app.use(async (c, next) => {
    await next();
    finish(c);
  });
  app.use(async (c, next) => {
    const config = configOf(c.env);
    c.set("config", config);
    checkOrigin(c.req.raw, config);
    checkNamespace(addressOf(c.req.url));
    await next();
  });
  for (const [path, routes] of Map.groupBy(allRoutes(options.controls), ({ path }) => path)) {
    mount(app, path, routes);
  }
  app.notFound(() => problemResponse(noSuchRoute()));
  app.onError((error) =>
    problemResponse(error instanceof HttpProblem ? error : unexpectedProblem(error)),
  );
  return app;
}

/** Registers the methods of a path, and what answers all other methods. */
function mount(app: Hono<AppEnv>, path: string, routes: readonly Route[]): void {
  const pattern = path.replace(/\{path\}$/, "*").replace(/\{(\w+)\}/, ":$1");
  for (const route of routes) {
    app.on(route.method, pattern, (c) => serve(c, route));
  }
  const methods = routes.flatMap(({ method }) => (method === "GET" ? ["GET", "HEAD"] : [method]));
  const allow = methods.join(", ");
  app.all(pattern, ({ req: { raw } }) => {
    if (isPreflight(raw)) return preflightResponse(allow);
    throw badRequest(`expected method ${allow}, got ${raw.method}`, {
      status: 405,
      headers: { Allow: allow },
    });
  });
}

async function serve(c: Context<AppEnv>, route: Route): Promise<Response> {
  const request = c.req.raw;
  const address = addressOf(request.url);
  const isPublic = route.access === "public";
  const identity = isPublic
    ? { role: "read" as const, ids: [] }
    : await identify(request, c.get("config"), address.namespace);
  if (route.access !== "public") checkRole(identity, route.access);
  const { namespace } = address;
  const config = c.get("config");
  const query = parseQuery(request.url, route.query);
  const isLocal = query["consistency"] === "local";
  const placement = placementOf(request, config.ensemble, isLocal);
  const call: Call = {
    request,
    address,
    identity,
    auth: isPublic ? [] : shownAuth(request),
    query,
    shard: shardOf(c.env, config, { namespace, placement }),
    member: (sid) => memberOf(c.env.SHARD, { namespace, ensemble: config.ensemble, sid }),
    config,
  };
  // The query was parsed by the route's own schema: defineRoute tied the two.
  return route.handle(call as Call<never>);
}

/** Adds what every answer has. A 101 is left alone: it carries a live socket. */
function finish(c: Context<AppEnv>): void {
  if (c.res.status === 101) return;
  const { headers } = c.res;
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) {
    if (!headers.has(name)) headers.set(name, value);
  }
  if (!headers.has("Zxid")) headers.set("Zxid", "0x0");
  if (!headers.has("Vary")) headers.set("Vary", "Origin");
  const config: GatewayConfig | undefined = c.get("config");
  if (config === undefined) return;
  for (const [name, value] of Object.entries(corsHeaders(c.req.raw, config))) {
    headers.set(name, value);
  }
}

function noSuchRoute(): HttpProblem {
  return badRequest("no such route; /docs lists them all", { status: 404 });
}
