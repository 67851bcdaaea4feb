import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { type WebSocket as ServerSocket, WebSocketServer } from "ws";
import { ZooKeeper, type ClientOptions } from "../../../src/client/index.ts";
import { framesOf } from "../../../src/protocol/jute/frame.ts";
import { framed } from "../protocol/jute/native-client.ts";
import { NativeServer } from "../protocol/jute/native-server.ts";
import { FakeClock } from "./fake-clock.ts";

const TIMEOUT_MS = 6_000;
let server: WebSocketServer | undefined;

afterEach(() => {
  for (const socket of server?.clients ?? []) socket.terminate();
  server?.close();
});

/** A client of a real server behind a real WebSocket. */
async function start(options: ClientOptions = {}) {
  server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  const native = new NativeServer(0);
  const binary: Buffer[] = [];
  const offered: string[] = [];
  const sockets: ServerSocket[] = [];
  server.on("connection", (socket, { headers }) => {
    const id = native.open();
    sockets.push(socket);
    offered.push(...String(headers["sec-websocket-protocol"]).split(/, */));
    socket.on("message", (data: Buffer, isBinary: boolean) => {
      if (!isBinary) return;
      binary.push(data);
      socket.send(Buffer.concat(native.sendBytes(id, data).map(framed)));
    });
  });
  const clock = new FakeClock();
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const zk = new ZooKeeper(url, { clock, sessionTimeoutMs: TIMEOUT_MS, ...options });
  await zk.sync();
  return { clock, zk, binary, offered, socket: sockets[0] as ServerSocket };
}

async function nextText(socket: ServerSocket): Promise<string> {
  for (;;) {
    const [data, isBinary] = (await once(socket, "message")) as [Buffer, boolean];
    if (!isBinary) return data.toString();
  }
}

test("[CS27] operations of one turn leave in one message", async () => {
  const { zk, binary } = await start();
  binary.length = 0;

  await Promise.all([zk.create("/a"), zk.set("/a", "1"), zk.get("/a")]);

  expect(binary.map((message) => [...framesOf(message)].length)).toEqual([3]);
});

test("[CS28] a heartbeat is the text ping, and pong is its answer", async () => {
  const { clock, zk, socket } = await start();
  for (let beat = 0; beat < 6; beat += 1) {
    const text = nextText(socket);
    await clock.advance(TIMEOUT_MS / 3);
    expect(await text).toBe("ping");
    const read = nextText(socket);
    socket.send("pong");
    socket.send("ack 1");
    await read;
  }

  expect(zk.state).toBe("connected");
});

test("[CS28] what a service wants acknowledged is, once it was read", async () => {
  const { socket } = await start();
  const text = nextText(socket);
  socket.send("ack 7");

  expect(await text).toBe("ack 7");
});

test.each([
  [["zookeeper"], {}],
  [["zookeeper", "edgekeeper.bearer.c8OpY3JldC8r"], { token: "sécret/+" }],
])("[CS28] the subprotocols are %j", async (expected, options) => {
  const { offered } = await start(options);

  expect(offered).toEqual(expected);
});
