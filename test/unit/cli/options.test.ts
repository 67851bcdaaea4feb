import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { formatListenAddress, parseListenAddress } from "../../../src/cli/listen-address.ts";
import { readService, routeUrl, serviceHeaders } from "../../../src/cli/server/service.ts";

const folder = mkdtempSync(join(tmpdir(), "edgekeeper-cli-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

it.each([
  ["127.0.0.1:2181", "127.0.0.1:2181"],
  ["2181", "127.0.0.1:2181"],
  ["localhost:0", "localhost:0"],
  ["[::1]:2182", "[::1]:2182"],
])("[BG11] --listen %s is %s", (text, address) => {
  expect(formatListenAddress(parseListenAddress(text))).toBe(address);
});

it.each(["", "127.0.0.1", "127.0.0.1:", "host:65536", "::1:2181", "a b:1"])(
  "[BG11] --listen %j is refused",
  (text) => {
    expect(() => parseListenAddress(text)).toThrow(
      `expected --listen to be HOST:PORT, saw ${text}`,
    );
  },
);

it.each([
  ["keeper.example.com", /^expected --url to be https:\/\/HOST/],
  ["ftp://keeper.example.com", /^expected --url to be https:\/\/HOST/],
  ["https://bob:hunter2@keeper.example.com", /^expected --url without a user, saw one/],
  ["https://keeper.example.com/?token=x", /^expected --url without \? and #/],
])("[BG11] --url %s is refused", (url, message) => {
  expect(() => readService({ url })).toThrow(message);
});

it("[BG3] the namespace is a part of every route, behind the path of the URL", () => {
  const service = readService({ url: "https://keeper.example.com/zk/", namespace: "a/b" });
  expect(routeUrl(service, "/ws").href).toBe("https://keeper.example.com/zk/ns/a%2Fb/ws");
});

it("[BG2] a token comes from a file, or else from the environment", () => {
  const url = "https://keeper.example.com";
  const tokenFile = file("token", "from-file\n");
  const environmentToken = "from-environment";
  expect(readService({ url, tokenFile, environmentToken }).token).toBe("from-file");
  expect(readService({ url, environmentToken }).token).toBe("from-environment");
  expect(serviceHeaders(readService({ url, environmentToken: "" }))).toEqual({});
});

it.each(["two words", "line\nline", "ключ", " "])(
  "[BG2] the token %j is refused unseen",
  (token) => {
    const tokenFile = file("bad-token", token);
    const read = () => readService({ url: "https://keeper.example.com", tokenFile });
    expect(read).toThrow(
      `expected a token in ${tokenFile}: one line of printable ASCII without blanks, saw other bytes`,
    );
  },
);

it("[BG2] a token goes to another machine over TLS only", () => {
  const environmentToken = "s3cret";
  expect(() => readService({ url: "http://keeper.example.com", environmentToken })).toThrow(
    /^expected --url to start with https:/,
  );
  for (const url of ["http://127.0.0.1:8787", "http://localhost:8787", "http://[::1]:8787"]) {
    expect(readService({ url, environmentToken }).token).toBe(environmentToken);
  }
});

it("[BG11] a file that is not there is refused by name", () => {
  const url = "https://keeper.example.com";
  const missing = join(folder, "missing");
  expect(() => readService({ url, ca: missing })).toThrow(/^expected --ca to name .*missing/);
  expect(() => readService({ url, tokenFile: missing })).toThrow(/^expected --token-file to name/);
});
