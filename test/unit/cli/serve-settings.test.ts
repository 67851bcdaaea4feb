import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import {
  readSettings,
  type ServeArguments,
  type ServerSettings,
} from "../../../src/cli/serve/server-settings.ts";

const folder = mkdtempSync(join(tmpdir(), "edgekeeper-serve-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const TOKENS = file("tokens.json", '[{"name":"ann"}]');
const EVERYWHERE = "0.0.0.0:8787";

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function settingsOf(args: Partial<ServeArguments> = {}): ServerSettings {
  return readSettings({ data: folder, ...args });
}

describe("who comes in", () => {
  it("[SV8] without a word: admins of this machine, by HTTP and TCP", () => {
    expect(settingsOf()).toMatchObject({
      http: { host: "127.0.0.1", port: 8787 },
      tcp: { host: "127.0.0.1", port: 2181 },
      anonymous: "admin",
      tcpRole: "admin",
      variables: { ANONYMOUS_ROLE: "admin" },
    });
    expect(Object.keys(settingsOf().variables)).toEqual(["ANONYMOUS_ROLE"]);
  });

  it("[SV8] with tokens nobody else, and nobody by TCP", () => {
    const settings = settingsOf({ tokens: TOKENS });
    expect(settings).toMatchObject({ anonymous: "none", tcp: undefined, variables: {} });
    expect(settings.secrets).toEqual({ TOKENS: '[{"name":"ann"}]' });
  });

  it.each([EVERYWHERE, "192.0.2.7:8787", "[::]:8787", "*:8787", "keeper.lan:8787"])(
    "[SV9] at %s nobody without tokens or consent",
    (http) => {
      expect(() => settingsOf({ http })).toThrow(
        `expected --tokens or --anonymous with --http ${http}, which other machines reach`,
      );
      expect(settingsOf({ http, tokens: TOKENS }).variables).toEqual({});
      expect(settingsOf({ http, anonymous: "read" }).variables).toMatchObject({
        ANONYMOUS_ROLE: "read",
        ANONYMOUS_HOSTS: "",
      });
    },
  );

  it("[SV9] at an address for TCP that others reach nobody without consent", () => {
    const tcp = "0.0.0.0:2181";
    expect(() => settingsOf({ tcp })).toThrow(`expected --tcp-role with --tcp ${tcp}`);
    expect(() => settingsOf({ tcp, tokens: TOKENS })).toThrow("ZooKeeper's clients show no token");
    expect(settingsOf({ tcp, tcpRole: "write" }).variables).toEqual({
      ANONYMOUS_ROLE: "admin",
      NATIVE_ROLE: "write",
    });
    expect(settingsOf({ tcp, anonymous: "read" }).variables).toMatchObject({ NATIVE_ROLE: "read" });
  });

  it.each([
    { tokens: TOKENS, tcp: "127.0.0.1:2181" },
    { tcp: "127.0.0.1:2181", tcpRole: "none" as const },
    { anonymous: "none" as const, tcp: "127.0.0.1:2181" },
  ])("[SV9] there is no TCP for nobody: %j", (args) => {
    expect(() => settingsOf(args)).toThrow(
      "expected --tcp-role to give ZooKeeper's clients a role",
    );
  });

  it("[SV10] consent holds for names that are listed, and for TCP, unless that has a role", () => {
    const args = { anonymous: "read", anonymousHosts: "keeper", http: EVERYWHERE } as const;
    expect(settingsOf(args).variables).toEqual({
      ANONYMOUS_ROLE: "read",
      ANONYMOUS_HOSTS: "keeper",
      NATIVE_ROLE: "read",
    });
    expect(settingsOf({ ...args, tcpRole: "admin" }).variables).toMatchObject({
      NATIVE_ROLE: "admin",
    });
  });

  it("[SV10] nobody without a token, said in so many words, is no consent", () => {
    const settings = settingsOf({ http: EVERYWHERE, anonymous: "none", tokens: TOKENS });
    expect(settings).toMatchObject({ variables: {}, tcp: undefined });
  });
});

describe("what makes no sense", () => {
  it.each([
    [{ http: "8787x" }, "expected --http to be HOST:PORT, saw 8787x"],
    [{ tcp: "on" }, "expected --tcp to be HOST:PORT, saw on"],
    [{ tokens: join(folder, "no") }, "expected --tokens to name a readable file"],
    [{ tokens: file("none.json", "[]\n") }, "expected --tokens to name a file with a list"],
    [{ cert: TOKENS }, "expected --cert and --key together"],
    [{ cert: TOKENS, key: join(folder, "no") }, "expected --key to name a readable file"],
    [{ tcpTls: true }, "expected --cert and --key with --tcp-tls"],
    [{ anonymousHosts: "keeper" }, "expected --anonymous with --anonymous-hosts"],
  ])("[SV11] is refused: %j", (args, message) => {
    expect(() => settingsOf(args)).toThrow(message);
  });
});

it("[SV1] other variables of the Worker are passed on", () => {
  const args = { corsOrigins: "https://a.example", ensemble: "3", fourLetterWords: "ruok" };
  expect(settingsOf({ ...args, tcp: "off" })).toMatchObject({
    tcp: undefined,
    variables: { CORS_ORIGINS: "https://a.example", ENSEMBLE: "3", FOUR_LETTER_WORDS: "ruok" },
  });
});
