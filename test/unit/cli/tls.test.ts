import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, type TLSSocket } from "node:tls";
import { afterAll, afterEach, describe, expect, it, test, vi } from "vitest";
import { askWord } from "../../../src/cli/server/ask-word.ts";
import { dialServer } from "../../../src/cli/server/dial-server.ts";
import { readServerAddress } from "../../../src/cli/server/server-address.ts";
import { readTls } from "../../../src/cli/server/service.ts";
import { tlsDial } from "../../../src/client/tcp-transport.ts";
import { joined } from "../protocol/pump/pump-harness.ts";
import { selfSigned } from "./certificate.ts";
import { FakeService } from "./fake-service.ts";

const certificate = selfSigned();
const folder = mkdtempSync(join(tmpdir(), "edgekeeper-tls-"));
const ca = file("ca.pem", certificate.cert);
const key = file("key.pem", certificate.key);
const running: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(running.splice(0).map((stop) => stop()));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** A ZooKeeper with a secure port, as far as its first answer. */
async function startSecure(asksForCertificate = false) {
  const seen = { bytes: Buffer.alloc(0), sockets: [] as TLSSocket[] };
  const server = createServer({
    ...certificate,
    ca: certificate.cert,
    requestCert: asksForCertificate,
  });
  server.on("secureConnection", (socket) => {
    seen.sockets.push(socket);
    socket.on("error", () => undefined);
    socket.on("data", (bytes) => {
      seen.bytes = Buffer.concat([seen.bytes, bytes]);
      if (bytes.toString() === "ruok") socket.end("imok");
      else socket.write(joined(30_000));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  running.push(async () => {
    for (const socket of seen.sockets) socket.destroy();
    server.close();
    await once(server, "close");
  });
  return { seen, server: `127.0.0.1:${(server.address() as AddressInfo).port}` };
}

describe("ZooKeeper's secure port", () => {
  it("[SH69] is reached with the authority that was named, and asked its words there", async () => {
    const { server } = await startSecure();
    const { zk } = dialServer({ timeout: 30_000, ca })(`tls://${server}`);
    await expect.poll(() => zk.state).toBe("connected");
    void zk.close();
    expect(await askWord(`tls://${server}`, "ruok", { timeout: 0, ca })).toBe("imok");
  });

  it("[SH69] is shown nothing if its certificate is not trusted, whatever the environment says", async () => {
    vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
    const { server, seen } = await startSecure();
    const { zk, findProblem } = dialServer({ timeout: 30_000 })(`tls://${server}`);
    await expect.poll(findProblem).toMatch(/expected a ZooKeeper at .*self-signed.*--ca FILE/);
    await zk.close();
    await expect(askWord(`tls://${server}`, "ruok", { timeout: 0 })).rejects.toThrow("self-signed");
    expect(seen.bytes).toHaveLength(0);
  });

  it("[SH69] sees the client's certificate if it asks for one", async () => {
    const { server, seen } = await startSecure(true);
    const closed = Promise.withResolvers<string>();
    const opened = Promise.withResolvers<void>();
    const transport = tlsDial(readTls({ ca, cert: ca, key }))(server, {
      opened: opened.resolve,
      received: () => undefined,
      pong: () => undefined,
      closed: closed.resolve,
    });
    await opened.promise;
    await expect.poll(() => seen.sockets[0]?.getPeerCertificate().subject.CN).toBe("edgekeeper");
    expect(seen.sockets[0]?.authorized).toBe(true);
    transport.close();
  });
});

describe("a service", () => {
  it("[SH69] is reached with the authority that was named, with the token in a header", async () => {
    const service = await FakeService.start({ certificate });
    running.push(() => service.stop());
    const environmentToken = "s3cret";
    const { zk } = dialServer({ timeout: 30_000, ca, environmentToken })(service.url);
    await expect.poll(() => zk.state).toBe("connected");
    expect(service.upgrades[0]?.headers.authorization).toBe("Bearer s3cret");
    expect(service.upgrades[0]?.headers["sec-websocket-protocol"]).toBe("zookeeper");
    void zk.close();
  });

  it("[SH69] that is not trusted, or refuses, is told by the connection itself", async () => {
    const service = await FakeService.start({ certificate });
    running.push(() => service.stop());
    const stranger = dialServer({ timeout: 30_000 })(service.url);
    await expect.poll(stranger.findProblem).toMatch(/certificate that is trusted.*--ca FILE/);
    await stranger.zk.close();
    service.refusal = { status: 401 };
    const refused = dialServer({ timeout: 30_000, ca })(service.url);
    await expect.poll(refused.findProblem).toMatch(/saw 401 \(pass a token/);
    await refused.zk.close();
  });
});

test.each(["127.0.0.1:2181", "http://127.0.0.1:8787"])(
  "[SH69] a certificate does not go with %s",
  (server) => {
    expect(() => readServerAddress(server, { ca })).toThrow(
      /^expected --server to start with https:\/\/ or tls:\/\//,
    );
  },
);

test("[SH69] of two servers, a certificate goes with those that have any", async () => {
  const { server } = await startSecure();
  const dial = dialServer({ timeout: 30_000, ca });
  const secure = dial(`tls://${server}`, { namespace: undefined, token: "none" });
  await expect.poll(() => secure.zk.state).toBe("connected");
  const plain = dial("127.0.0.1:1", { namespace: undefined, token: "none" });
  await expect.poll(plain.findProblem).toContain("ECONNREFUSED");
  await plain.zk.close();
  void secure.zk.close();
});

test.each([
  [{ namespace: "x" }, "--namespace"],
  [{ tokenFile: "token" }, "--token-file"],
])("[SH74] what only a service has is refused with another server: %j", (options, option) => {
  expect(() => readServerAddress("zoo1:2181", options)).toThrow(
    `expected --server to be the URL of a service, since ${option} is of one, saw zoo1:2181`,
  );
});

test("[SH69] a certificate and its key go together", () => {
  expect(() => readTls({ cert: ca })).toThrow("expected --cert and --key together");
});
