import { once } from "node:events";
import { afterEach, beforeAll, expect, it, vi } from "vitest";
import { findProblem } from "../../../src/cli/bridge/service-socket.ts";
import { readService } from "../../../src/cli/server/service.ts";
import { Body, framed } from "../protocol/jute/native-client.ts";
import { answer, HANDSHAKE, joined, PING } from "../protocol/pump/pump-harness.ts";
import { BridgeHarness } from "./bridge-harness.ts";
import { type Certificate, selfSigned } from "./certificate.ts";
import type { FakeServiceOptions } from "./fake-service.ts";

let harness: BridgeHarness;
let certificate: Certificate;

beforeAll(() => {
  certificate = selfSigned();
});
afterEach(async () => {
  await harness.stop();
  vi.unstubAllEnvs();
});

async function start(...options: Parameters<typeof BridgeHarness.start>): Promise<BridgeHarness> {
  harness = await BridgeHarness.start(...options);
  return harness;
}

/** A frame that the fake service sends back as it is: read as a reply, it has xid `xid`. */
function request(xid: number, bodyBytes = 0): Buffer {
  return framed(
    Buffer.concat([new Body().int(xid).int(0).int(4).int(0).bytes(), Buffer.alloc(bodyBytes, xid)]),
  );
}

it("[BG1] a client's frames reach its WebSocket, and what comes back reaches the client", async () => {
  const { service } = await start();
  const client = await harness.client();
  client.send(HANDSHAKE);
  expect(await client.take(joined(30_000).length)).toEqual(joined(30_000));
  client.send(request(1, 100_000));
  expect(await client.take(100_020)).toEqual(request(1, 100_000));
  expect(service.messages[0]).toEqual(HANDSHAKE);
  expect(service.sockets).toHaveLength(1);
});

it("[BG1] there is no WebSocket before the handshake is whole", async () => {
  const { service } = await start();
  const client = await harness.client();
  client.send(HANDSHAKE.subarray(0, 20));
  // Whoever came later is served, and only for him there is a WebSocket.
  await harness.joinedClient();
  expect(service.upgrades).toHaveLength(1);
  client.send(HANDSHAKE.subarray(20));
  expect(await client.take(joined(30_000).length)).toEqual(joined(30_000));
});

it("[BG1] a ping is answered by way of the texts ping and pong", async () => {
  const { service } = await start();
  const client = await harness.joinedClient();
  client.send(PING);
  expect(await client.take(answer(-2, 0).length)).toEqual(answer(-2, 0));
  expect(service.messages).toEqual([HANDSHAKE]);
});

it("[BG2] [BG3] the upgrade has the token, the namespace and the subprotocol", async () => {
  vi.stubEnv("EDGEKEEPER_TOKEN", "not read here");
  const { service } = await start({}, { environmentToken: "s3cret\n", namespace: "team-a" });
  await harness.joinedClient();
  const { url, headers } = service.upgrades[0] ?? {};
  expect(url).toBe("/ns/team-a/ws");
  expect(headers).toMatchObject({
    authorization: "Bearer s3cret",
    "sec-websocket-protocol": "zookeeper",
  });
});

it("[BG2] without a token there is no header", async () => {
  const { service } = await start();
  await harness.joinedClient();
  expect(service.upgrades[0]?.headers).not.toHaveProperty("authorization");
});

it.each<[string, FakeServiceOptions, RegExp]>([
  [
    "a token that is missing",
    { refusal: { status: 401, body: '{"detail":"expected a token,\\nsaw none"}' } },
    /^expected a WebSocket .* at http:.*\/ws, saw 401, expected a token, saw none \(pass a token/,
  ],
  ["a token that does not do", { refusal: { status: 403 } }, /saw 403 \(the token does not allow/],
  ["another site", { refusal: { status: 404, body: "<html>" } }, /saw 404 \(no edgekeeper answers/],
  [
    "a redirect",
    { refusal: { status: 301, headers: { Location: "http://127.0.0.1:1/" } } },
    /saw 301 \(no edgekeeper answers/,
  ],
  ["a page", { refusal: { status: 200, body: "x".repeat(100_000) } }, /saw 200 \(no edgekeeper/],
  ["a service that is down", { refusal: { status: 503 } }, /saw 503$/],
  ["another subprotocol", { subprotocol: "mqtt" }, /^expected a WebSocket .*, saw: .*subprotocol/],
])("[BG4] %s is told in one line", async (_what, options, line) => {
  const { service } = await start(options);
  const problem = await findProblem(readService({ url: service.url }));
  expect(problem).toMatch(line);
  expect(problem).not.toMatch(/\n/);
});

it("[BG4] a service that is not there is told in one line", async () => {
  const { service } = await start();
  const { url } = service;
  await service.stop();
  expect(await findProblem(readService({ url }))).toMatch(/^expected a service at .*ECONNREFUSED/);
});

it("[BG4] a service in order is no problem", async () => {
  const { service } = await start();
  expect(await findProblem(readService({ url: service.url }))).toBeUndefined();
});

it("[BG6] a certificate that is not trusted is refused, whatever the environment says", async () => {
  vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");
  const { service } = await start({ certificate });
  const problem = await findProblem(readService({ url: service.url }));
  expect(problem).toMatch(/to show a certificate that is trusted, saw: self-signed.*--ca/);
});

it("[BG6] an authority that was named is trusted, for the host it certified", async () => {
  const { service } = await start({ certificate });
  const trusting = { ...readService({ url: service.url }), tls: { ca: certificate.cert } };
  expect(await findProblem(trusting)).toBeUndefined();
  const url = new URL(service.url.replace("127.0.0.1", "localhost"));
  expect(await findProblem({ ...trusting, url })).toMatch(/trusted, saw: .*altnames/);
});

it("[BG6] an authority that was named is the only one", async () => {
  const { service } = await start({ certificate });
  const stranger = { ...readService({ url: service.url }), tls: { ca: selfSigned().cert } };
  expect(await findProblem(stranger)).toMatch(/to show a certificate that is trusted/);
});

it("[BG4] a service that talks no TLS is told as such", async () => {
  const { service } = await start();
  const problem = await findProblem(readService({ url: service.url.replace("http", "https") }));
  expect(problem).toMatch(/to show a certificate that is trusted, saw: .*wrong version number/i);
});

it("[BG7] a stop closes clients and WebSockets, and nobody comes in any more", async () => {
  const { bridge, service } = await start();
  const joinedOne = await harness.joinedClient();
  const silentOne = await harness.client();
  const { port } = bridge.address;
  const closed = Promise.all(service.sockets.map((socket) => once(socket, "close")));
  joinedOne.socket.on("end", () => joinedOne.socket.end());
  silentOne.socket.on("end", () => silentOne.socket.end());
  await bridge.stop();
  expect(await joinedOne.takeAll()).toHaveLength(0);
  expect(await silentOne.takeAll()).toHaveLength(0);
  expect((await closed)[0]?.[0]).toBe(1000);
  expect(bridge.clientsCount).toBe(0);
  const late = fetch(`http://127.0.0.1:${port}`);
  await expect(late).rejects.toThrow(/fetch failed/);
});

it("[BG7] a client that ignores the end does not hold a stop up", async () => {
  const { bridge } = await start();
  const client = await harness.joinedClient();
  client.socket.pause();
  await bridge.stop();
  expect(bridge.clientsCount).toBe(0);
});

it("[BG8] when the WebSocket ends its client is closed, and others go on", async () => {
  const { service } = await start();
  const [first, second] = [await harness.joinedClient(), await harness.joinedClient()];
  service.sockets[0]?.close(1011, "the shard stops");
  expect(await first.takeAll()).toHaveLength(0);
  second.send(request(2));
  expect(await second.take(20)).toEqual(request(2));
  expect(harness.lines).toEqual([
    "expected the service to keep a connection, saw 1011 the shard stops",
  ]);
});

it("[BG8] a session that is over is its client's own affair", async () => {
  const { service } = await start();
  const client = await harness.joinedClient();
  service.sockets[0]?.close(4112, "the session expired");
  expect(await client.takeAll()).toHaveLength(0);
  expect(harness.lines).toEqual([]);
});

it("[BG8] when a client goes its WebSocket is closed", async () => {
  const { service } = await start();
  const client = await harness.joinedClient();
  const closed = Promise.all(service.sockets.map((socket) => once(socket, "close")));
  client.socket.destroy();
  expect((await closed)[0]?.[0]).toBe(1000);
  expect(harness.lines).toEqual([]);
});

it("[BG8] a problem that all clients have is told once, and that it is over", async () => {
  const { service } = await start();
  service.refusal = { status: 503 };
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const client = await harness.client();
    expect(await client.send(HANDSHAKE).takeAll()).toHaveLength(0);
  }
  service.refusal = undefined;
  await harness.joinedClient();
  await harness.joinedClient();
  expect(harness.lines).toEqual([
    expect.stringMatching(/saw 503$/),
    "the service lets clients in again",
  ]);
});

it("[BG9] ruok and isro are answered by whether the service is there, others by it", async () => {
  const { service } = await start({}, { environmentToken: "s3cret" });
  const ask = async (word: string) => {
    const client = await harness.client();
    client.socket.end(word);
    return (await client.takeAll()).toString();
  };
  expect(await ask("ruok")).toBe("imok");
  expect(await ask("isro")).toBe("rw");
  expect(await ask("srvr")).toBe("Mode: standalone\n");
  expect(service.requests.at(-1)?.headers.authorization).toBe("Bearer s3cret");
  expect(await ask("wchc")).toBe("wchc: expected an answer of the service, saw 403\n");
  service.health = 503;
  expect(await ask("ruok")).toBe("This ZooKeeper instance is not currently serving requests\n");
  await service.stop();
  expect(await ask("isro")).toBe("null");
  expect(await ask("srvr")).toBe("This ZooKeeper instance is not currently serving requests\n");
  expect(service.upgrades).toHaveLength(0);
});

it("[BG10] 200 clients at once get their own answers, each over a WebSocket of its own", async () => {
  const { service } = await start();
  const clients = await Promise.all(Array.from({ length: 200 }, () => harness.joinedClient()));
  await Promise.all(
    clients.map(async (client, index) => {
      client.send(request(index, 1_000));
      expect(await client.take(1_020)).toEqual(request(index, 1_000));
    }),
  );
  expect(service.openCount).toBe(200);
  expect(harness.bridge.clientsCount).toBe(200);
});

it("[BG10] one client too many is closed, and the others are served", async () => {
  await start({}, {}, { clientsMax: 2 });
  const [first] = [await harness.joinedClient(), await harness.joinedClient()];
  const third = await harness.client();
  expect(await third.send(HANDSHAKE).takeAll()).toHaveLength(0);
  expect(harness.lines).toEqual(["expected at most 2 clients, saw one more"]);
  expect(await first.send(request(7)).take(20)).toEqual(request(7));
});

it("[BG5] a client that reads late gets everything", async () => {
  const { service } = await start();
  const client = await harness.joinedClient();
  client.socket.pause();
  const reply = answer(1, 1, 1_000_000);
  service.answer = (socket) => {
    for (let index = 0; index < 40; index += 1) socket.send(reply);
    client.socket.resume();
  };
  client.send(request(1));
  const all = await client.take(40 * reply.length);
  expect(all.equals(Buffer.concat(Array.from({ length: 40 }, () => reply)))).toBe(true);
});
