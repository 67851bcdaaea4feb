import fc from "fast-check";
import { expect, it } from "vitest";
import { Gateway } from "./gateway-harness.ts";

const SECRET = "pa55word-5ecret";

const words = (text: string): readonly string[] => text.split(/\s+/);
/** Without `watch` and `wait`, whose answers take their time. */
const FLAGS = words(
  "seq ephemeral container ttl parents upsert acl recursive children limit after stat data since",
);
const HEADERS = words(
  `Accept Acl If-Match If-None-Match Session ZooKeeper-Auth Min-Zxid Consistency Idempotency-Key
  Content-Type Last-Event-ID Origin Upgrade Sec-WebSocket-Protocol Authorization CF-Connecting-IP
  x-edgekeeper-identity`,
);

const escaped = fc
  .array(
    fc.oneof(
      fc.constantFrom("a", "b", "..", ".", "%2F", "%00", "%ff", "%zz", "%", "é", "+"),
      fc.string(),
    ),
  )
  .map((parts) => parts.join("").replaceAll(/[?#\s]/g, "_"));

const path = fc.oneof(
  fc
    .tuple(
      fc.constantFrom("/znodes", "/znodes/", "/ns/x/znodes/", "/ns/", "/sessions/", "/"),
      fc.array(escaped, { maxLength: 4 }),
    )
    .map(([prefix, parts]) => prefix + parts.join("/")),
  fc.constantFrom(
    "/multi",
    "/sessions",
    "/ws",
    "/metrics",
    "/status",
    "/openapi.json",
    "/docs",
    "/healthz",
  ),
);

const flags = fc.array(
  fc.tuple(
    fc.oneof(fc.constantFrom(...FLAGS), fc.string({ maxLength: 5 })),
    fc.option(
      fc.oneof(fc.constantFrom("", "true", "1", "0x1", "-1", "%zz"), fc.string({ maxLength: 5 })),
    ),
  ),
  { maxLength: 3 },
);

const query = flags.map((pairs) =>
  pairs
    .map(([name, value]) => (value === null ? name : `${name}=${value}`))
    .join("&")
    .replaceAll(/[#\s]/g, "_"),
);

/** What may stand in a header: anything else is refused before it reaches us. */
const headerText = fc.string({
  unit: fc.constantFrom(...Array.from('aB0"*-,.: /;=<>{}%é')),
  maxLength: 20,
});

const plainHeaders = fc.dictionary(
  fc.constantFrom(...HEADERS),
  fc.oneof(
    fc.constantFrom("*", '"0"', "application/json", "text/html", "strict", "0x1", "websocket"),
    fc.constantFrom("edgekeeper.json", "digest a:b", "world:anyone:r"),
    headerText,
  ),
  { maxKeys: 4 },
);

/** Secrets, right and garbled, each where it belongs. */
const secretHeaders = fc.record(
  {
    Authorization: fc.constantFrom(`Bearer ${SECRET}`, SECRET, `Basic ${SECRET}`),
    Session: fc.constantFrom(`1f.${SECRET}`, SECRET, "1f.q83vEjRWeJCrze8SNFZ4kA"),
    "ZooKeeper-Auth": fc.constantFrom(`digest bob:${SECRET}`, SECRET, `sasl ${SECRET}`),
  },
  { requiredKeys: [] },
);

const headers = fc
  .tuple(plainHeaders, fc.option(secretHeaders, { freq: 3 }))
  .map(([plain, secret]): Record<string, string> => ({ ...plain, ...secret }));

const body = fc.oneof(
  fc.constant(undefined),
  fc.uint8Array({ maxLength: 50 }),
  fc.json(),
  fc
    .record({
      ops: fc.array(fc.record({ op: fc.constantFrom("create", "check", "x"), path: fc.string() })),
    })
    .map((value) => JSON.stringify(value)),
);

const method = fc.constantFrom("GET", "HEAD", "PUT", "POST", "DELETE", "PATCH", "OPTIONS");

const request = fc
  .tuple(method, path, query, headers, body)
  .map(([verb, route, flagText, fields, content]) => ({
    line: `${verb} ${route}${flagText === "" ? "" : `?${flagText}`}`,
    verb,
    fields,
    content: verb === "GET" || verb === "HEAD" ? undefined : content,
  }));

it("[RE36][SC13] whatever is asked is answered or refused, never failed, and no secret comes back", async () => {
  const gateway = new Gateway();
  await fc.assert(
    fc.asyncProperty(request, async ({ line, verb, fields, content }) => {
      const response = await gateway.send(
        line,
        fields,
        content instanceof Uint8Array ? content.slice() : content,
      );
      expect(response.status).not.toBe(500);
      if (response.status === 101) return;
      expect(response.headers.get("Zxid")).toMatch(/^0x[0-9a-f]+$/);
      const text = await response.text();
      expect(text + JSON.stringify([...response.headers])).not.toContain(SECRET);
      if (response.status < 400) return;
      expect(response.headers.get("Content-Type")).toBe("application/problem+json");
      if (verb === "HEAD") return;
      expect(JSON.parse(text)).toMatchObject({ status: response.status });
    }),
    { numRuns: 1_000 },
  );
});
