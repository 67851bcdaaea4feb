import { Code } from "../core/keeper-error.ts";
import type { GatewayConfig } from "./config.ts";
import { HttpProblem } from "./problem.ts";

/** What a page of another origin may read beside the body. */
const EXPOSED_HEADERS = [
  "ETag",
  "Idempotency-Replayed",
  "Link",
  "Location",
  "Retry-After",
  "WWW-Authenticate",
  "Zxid",
  "Znode-Aversion",
  "Znode-Ctime",
  "Znode-Cversion",
  "Znode-Czxid",
  "Znode-Data-Length",
  "Znode-Ephemeral-Owner",
  "Znode-Mtime",
  "Znode-Mzxid",
  "Znode-Num-Children",
  "Znode-Pzxid",
  "Znode-Version",
].join(", ");

const ALLOWED_HEADERS = [
  "Accept",
  "Acl",
  "Authorization",
  "Consistency",
  "Content-Type",
  "Idempotency-Key",
  "If-Match",
  "If-None-Match",
  "Last-Event-ID",
  "Min-Zxid",
  "Session",
  "ZooKeeper-Auth",
].join(", ");

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Refuses what a foreign page tries to change or to hold open. Reads need no rule: without CORS
 * headers the page can't see the answer. Clients that are no browsers send no `Origin`.
 *
 * @throws HttpProblem 403
 */
export function checkOrigin(request: Request, config: GatewayConfig): void {
  const isUpgrade = request.headers.has("Upgrade");
  if (SAFE_METHODS.has(request.method) && !isUpgrade && !isPreflight(request)) return;
  const origin = request.headers.get("Origin");
  if (origin === null || isTrusted(origin, request, config)) return;
  throw new HttpProblem(Code.NOAUTH, "origin is neither this host nor in CORS_ORIGINS", {
    seen: origin.slice(0, 80),
  });
}

/** Tells whether a request is a CORS preflight. Source: WHATWG Fetch, CORS-preflight fetch. */
export function isPreflight({ method, headers }: Request): boolean {
  return (
    method === "OPTIONS" && headers.has("Origin") && headers.has("Access-Control-Request-Method")
  );
}

/** The answer to a preflight from an origin that {@link checkOrigin} let pass. */
export function preflightResponse(methods: string): Response {
  return new Response(null, {
    status: 204,
    headers: {
      "Access-Control-Allow-Methods": methods,
      "Access-Control-Allow-Headers": ALLOWED_HEADERS,
      "Access-Control-Max-Age": "600",
    },
  });
}

/** The headers that let a page of a trusted origin read the answer. */
export function corsHeaders(request: Request, config: GatewayConfig): Record<string, string> {
  const origin = request.headers.get("Origin");
  if (origin === null || !isTrusted(origin, request, config)) return {};
  return {
    "Access-Control-Allow-Origin": origin,
    "Access-Control-Expose-Headers": EXPOSED_HEADERS,
  };
}

/** The host is compared without its scheme: TLS may end in front of the Worker. */
function isTrusted(origin: string, request: Request, config: GatewayConfig): boolean {
  if (config.corsOrigins.has(origin)) return true;
  const parsed = URL.parse(origin);
  return (
    parsed !== null && parsed.origin === origin && parsed.host === URL.parse(request.url)?.host
  );
}
