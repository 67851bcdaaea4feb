import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import {
  COMPATIBILITY_DATE,
  formatWorkerdConfig,
  type WorkerdConfig,
} from "../../../src/cli/serve/workerd-config.ts";

const CONFIG: WorkerdConfig = {
  worker: "/srv/serve.js",
  objects: "/srv/data/objects",
  http: { host: "127.0.0.1", port: 8787 },
  tls: undefined,
  tcp: { host: "::1", port: 2181 },
  isTcpTls: false,
  variables: { ANONYMOUS_ROLE: "admin" },
  secrets: [],
};

it("[SV1] has a socket for HTTP and one for TCP", () => {
  const text = formatWorkerdConfig(CONFIG);
  expect(text).toMatch(/\(name = "http", address = "127\.0\.0\.1:8787", http = \(/);
  expect(text).toMatch(/\(name = "tcp", address = "\[::1\]:2181", tcp = \(\), service = "main"\)/);
  expect(formatWorkerdConfig({ ...CONFIG, tcp: undefined })).not.toContain("tcp");
});

it("[SC16] takes Cloudflare's header from what comes in", () => {
  const stripped = `injectRequestHeaders = [(name = "CF-Connecting-IP")]`;
  const tls = { cert: "/srv/cert.pem", key: "/srv/key.pem" };
  expect(formatWorkerdConfig(CONFIG)).toContain(stripped);
  expect(formatWorkerdConfig({ ...CONFIG, tls })).toContain(stripped);
});

it("[SV15] names secrets and the key, and holds neither", () => {
  const tls = { cert: "/srv/cert.pem", key: "/srv/key.pem" };
  const text = formatWorkerdConfig({ ...CONFIG, secrets: ["TOKENS"], tls });
  expect(text).toContain(`(name = "TOKENS", fromEnvironment = "TOKENS")`);
  expect(text).toContain(`privateKey = embed "/srv/key.pem"`);
});

it("[SV11] no value gets out of its quotes", () => {
  const value = 'a"), (b = \\\n\u0000ü';
  const text = formatWorkerdConfig({ ...CONFIG, variables: { ENSEMBLE: value } });
  expect(text).toContain(String.raw`text = "a\x22), (b = \x5c\x0a\x00\xc3\xbc")`);
});

it("[SV17] the runtime behaves as in local development", () => {
  const toml = readFileSync(new URL("../../../wrangler.toml", import.meta.url), "utf8");
  expect(toml).toContain(`compatibility_date = "${COMPATIBILITY_DATE}"`);
});
