import { describe, expect, it } from "vitest";
import type { Identity } from "../../../src/core/identity.ts";
import { readAnonymousRole } from "../../../src/gateway/anonymous-role.ts";
import { identify } from "../../../src/gateway/auth.ts";
import { type GatewayConfig, readConfig } from "../../../src/gateway/config.ts";
import { readConsent } from "../../../src/gateway/consent.ts";
import { identifyPeer } from "../../../src/gateway/peer.ts";
import { HttpProblem } from "../../../src/gateway/problem.ts";
import type { Env } from "../../../src/shard/env.ts";

const ADMIN = { ANONYMOUS_ROLE: "admin" };
const HOSTS = { ...ADMIN, ANONYMOUS_HOSTS: "keeper, Keeper.Lan" };

/** The configuration as `src/serve.ts` reads it. */
function configOf(variables: Partial<Env>): GatewayConfig {
  return readConfig(variables as Env, { readAnonymousRole, readConsent });
}

interface Asked {
  readonly headers?: Record<string, string>;
  /** What workerd says of the peer. */
  readonly clientIp?: string;
}

function ask(url: string, variables: Partial<Env>, { headers = {}, clientIp }: Asked = {}) {
  const request = new Request(url, { headers });
  if (clientIp !== undefined) Object.defineProperty(request, "cf", { value: { clientIp } });
  return identify(request, configOf(variables), "default");
}

async function isLetIn(identity: Promise<Identity>): Promise<boolean> {
  try {
    await identity;
    return true;
  } catch (error) {
    if (error instanceof HttpProblem && error.status === 401) return false;
    throw error;
  }
}

describe("anonymous callers of a self-hosted server", () => {
  it.each([
    ["http://127.0.0.1:8787/", true],
    ["http://[::1]:8787/", true],
    ["http://192.0.2.7:8787/", false],
    ["http://keeper:8787/", false],
  ])("[SC4] come by a loopback name only: %s is %s", async (url, isIn) => {
    expect(await isLetIn(ask(url, ADMIN))).toBe(isIn);
  });

  it.each([
    ["http://localhost:8787/", true],
    ["http://192.0.2.7:8787/", true],
    ["http://3221225991:8787/", true],
    ["http://[2001:db8::7]:8787/", true],
    ["http://keeper:8787/", true],
    ["http://keeper.lan/", true],
    ["http://keeper.lan.evil.example/", false],
    ["http://evil.example:8787/", false],
    ["http://192.0.2.7.evil.example/", false],
  ])("[SC14] come by addresses and names where there are some: %s is %s", async (url, isIn) => {
    expect(await isLetIn(ask(url, HOSTS))).toBe(isIn);
  });

  it("[SC14] come by addresses where the list of names is empty", async () => {
    const variables = { ...ADMIN, ANONYMOUS_HOSTS: "" };
    expect(await isLetIn(ask("http://192.0.2.7/", variables))).toBe(true);
    expect(await isLetIn(ask("http://keeper/", variables))).toBe(false);
  });

  it("[SC14] are known by the header, too: a page may have rebound its name", async () => {
    const headers = { Host: "evil.example" };
    expect(await isLetIn(ask("http://192.0.2.7/", HOSTS, { headers }))).toBe(false);
  });

  it("[SC14] are nobody where there is no role for them", async () => {
    expect(await isLetIn(ask("http://192.0.2.7/", { ANONYMOUS_HOSTS: "keeper" }))).toBe(false);
  });

  it.each([
    [{ ANONYMOUS_HOSTS: "keeper,http://secret.example" }, "ANONYMOUS_HOSTS: entry 2"],
    [{ ANONYMOUS_HOSTS: "*" }, "ANONYMOUS_HOSTS: entry 1"],
    [{ NATIVE_ROLE: "secret" }, "NATIVE_ROLE: expected"],
    [{ NATIVE_ROLE: "" }, "NATIVE_ROLE: expected"],
  ])("[SC5] a malformed consent is refused: %j", (variables, message) => {
    expect(() => configOf(variables)).toThrow(message);
    expect(() => configOf(variables)).not.toThrow("secret");
  });
});

describe("TCP clients of a self-hosted server", () => {
  it.each([
    ["192.0.2.7:50000", ADMIN, undefined],
    ["127.0.0.1:50000", ADMIN, "admin"],
    ["192.0.2.7:50000", { NATIVE_ROLE: "write" }, "write"],
    ["[2001:db8::7]:50000", { ...ADMIN, NATIVE_ROLE: "write" }, "write"],
    ["127.0.0.1:50000", { ...ADMIN, NATIVE_ROLE: "read" }, "read"],
    ["", { NATIVE_ROLE: "write" }, undefined],
  ])("[SC15] from '%s' with %j have role %s", (address, variables, role) => {
    expect(identifyPeer(address, configOf(variables))?.role).toBe(role);
  });

  it("[SC15] have the address that they come from", () => {
    const config = configOf({ NATIVE_ROLE: "write" });
    expect(identifyPeer("[::ffff:192.0.2.7]:50000", config)).toEqual({
      role: "write",
      ids: [{ scheme: "ip", id: "192.0.2.7" }],
      port: 50_000,
    });
  });
});

it.each([
  ["192.0.2.7:50000", "192.0.2.7"],
  ["[2001:db8::7]:50000", "2001:db8::7"],
  ["[::ffff:192.0.2.7]:50000", "192.0.2.7"],
])("[SC16] a caller that workerd sees at %s has the ip %s", async (clientIp, id) => {
  const headers = { Host: "localhost", "CF-Connecting-IP": "127.0.0.1" };
  const { ids } = await ask("http://localhost:8787/", ADMIN, { headers, clientIp });
  expect(ids).toEqual([{ scheme: "ip", id }]);
});

it("[SC14] a deployment knows nothing of consent", () => {
  const config = readConfig({ ...HOSTS, NATIVE_ROLE: "admin" } as unknown as Env);
  expect(config).not.toHaveProperty("anonymousHosts");
  expect(config).not.toHaveProperty("nativeRole");
});
