import { afterAll, beforeAll, expect, test } from "vitest";
import { encodeHandshake, newSession } from "../conformance/connection.ts";
import { OPCODE, Writer } from "../conformance/wire.ts";
import { cleanUp } from "./clean-up.ts";
import { NativeClient, openTcp } from "./client/native-client.ts";
import { poll } from "./poll.ts";
import { ProcessGroup } from "./process-group.ts";
import { Service } from "./service.ts";

const EPHEMERAL = 1;

let service: Service;

beforeAll(async () => {
  service = await Service.start();
});
afterAll(cleanUp);

const connect = (): Promise<NativeClient> => NativeClient.connect(service.nativePort);

/** Numbers of the running instance of the shard; they start anew with it. */
async function counters(): Promise<Record<string, number>> {
  const response = await fetch(`${service.base}/status`);
  return ((await response.json()) as { counters: Record<string, number> }).counters;
}

test("[NA19] `npm start` says where ZooKeeper's clients connect, and they can", async () => {
  expect(service.output).toContain(`ZooKeeper clients: 127.0.0.1:${service.nativePort}`);
  const client = await connect();

  await client.create("/tcp", "over TCP");

  const response = await fetch(`${service.base}/znodes/tcp`);
  expect(await response.text()).toBe("over TCP");
});

test("[NA19] `npm start` says which variable to set when the port is taken", async () => {
  const environment = { EDGEKEEPER_NATIVE_PORT: `${service.nativePort}` };
  const second = new ProcessGroup("npm", { arguments: ["start"], environment });
  const line = await poll("npm start gives up", () => /^no port.*$/m.exec(second.output)?.[0]);

  expect(line).toContain("EADDRINUSE");
  expect(line).toContain("EDGEKEEPER_NATIVE_PORT");
  await second.kill();
});

test("[NA1] pipelined requests cut anywhere are answered in order", async () => {
  const client = await connect();
  await client.create("/cut");
  const frames = Array.from({ length: 50 }, (_, n) => {
    const body = new Writer()
      .int(100 + n)
      .int(OPCODE.exists)
      .bytes("/cut")
      .bool(false);
    return new Writer().bytes(body.toBuffer()).toBuffer();
  });
  const bytes = Buffer.concat(frames);

  for (let at = 0; at < bytes.length; at += 7) client.connection.send(bytes.subarray(at, at + 7));

  const xids = [];
  for (let n = 0; n < frames.length; n += 1) xids.push((await client.next()).xid);
  expect(xids).toEqual(Array.from({ length: 50 }, (_, n) => 100 + n));
});

test("[NA5] another connection takes a session over, and the first is closed", async () => {
  const first = await connect();
  await first.create("/taken", "", EPHEMERAL);

  const second = await NativeClient.connect(service.nativePort, first.resumption);

  expect(second.session.sessionId).toBe(first.session.sessionId);
  expect(await first.connection.next()).toBe("closed");
  expect(await second.exists("/taken")).toBe(true);
});

test("[NA6] a wrong password is answered with zeros, then the connection is closed", async () => {
  const owner = await connect();
  const wrong = { ...owner.resumption, password: Buffer.alloc(16, 1) };
  const thief = await NativeClient.connect(service.nativePort, wrong);

  expect(thief.session).toMatchObject({ timeoutMs: 0, sessionId: 0n, password: Buffer.alloc(16) });
  expect(await thief.connection.next()).toBe("closed");
  expect(await owner.exists("/")).toBe(true);
});

test("[NA6] a client that saw a zxid ahead of ours is closed without an answer", async () => {
  const connection = await openTcp(service.nativePort);
  connection.sendFrame(encodeHandshake({ ...newSession(10_000), lastZxidSeen: 1n << 40n }));
  expect(await connection.untilClosed()).toEqual(Buffer.alloc(0));
});

test("[NA7] the end of a session is answered, then the connection is closed", async () => {
  const client = await connect();
  await client.create("/bye", "", EPHEMERAL);
  const xid = client.send(OPCODE.closeSession);

  expect(await client.next()).toMatchObject({ xid, code: 0 });
  expect(await client.connection.next()).toBe("closed");
  expect(await (await connect()).exists("/bye")).toBe(false);
});

test("[NA8] an event of a client's own write is ahead of the reply to it", async () => {
  const client = await connect();
  client.sendExists("/seen", true);
  const xid = client.sendCreate("/seen");

  const codes = [await client.next(), await client.next(), await client.next()];
  expect(codes.map((reply) => [reply.xid, reply.code])).toEqual([
    [1, -101],
    [-1, 0],
    [xid, 0],
  ]);
});

test("[NA9] an operation that is none is refused with zxid -1, and the connection closed", async () => {
  const client = await connect();
  client.send(9_999);

  expect(await client.next()).toMatchObject({ xid: 1, zxid: -1n, code: -6 });
  expect(await client.connection.next()).toBe("closed");
});

test("[NA10] what is no native protocol is closed without an answer", async () => {
  for (const bytes of [
    "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "\x00\x00\x00\x08\x00\x00\x00\x01\x00\x00\x00\x0b",
    "\xff\xff\xff\xff\x00\x00",
    "\x7f\xff\xff\xff",
  ]) {
    const connection = await openTcp(service.nativePort);
    connection.send(Buffer.from(bytes, "latin1"));
    expect(await connection.untilClosed()).toEqual(Buffer.alloc(0));
  }
});

test("[NA16] a four-letter word is answered, and its connection closed", async () => {
  const connection = await openTcp(service.nativePort);
  connection.send(Buffer.from("srvr"));

  expect(String(await connection.untilClosed())).toMatch(/^Zookeeper version: .*\n.*Mode: /s);
});

test("[NA3] a client that only pings lets the shard sleep, and is served when it asks", async () => {
  const client = await NativeClient.connect(service.nativePort, newSession(40_000));
  await client.create("/asleep", "", EPHEMERAL);
  client.sendExists("/asleep-event", true);
  await client.next();
  expect((await counters())["sessionsCreated"]).toBeGreaterThan(0);
  const endMs = Date.now() + 14_000;

  await poll("an idle object is put to sleep", async () => {
    expect((await client.ping()).xid).toBe(-2);
    return Date.now() > endMs ? true : undefined;
  });

  expect((await counters())["sessionsCreated"]).toBeUndefined();
  const other = await connect();
  await other.create("/asleep-event");
  expect(await client.next()).toMatchObject({ xid: -1 });
  expect(await client.exists("/asleep")).toBe(true);
});

test("[NA20] the death of the service is a connection loss: the session resumes behind it", async () => {
  const client = await connect();
  await client.create("/survivor", "", EPHEMERAL);
  const sequential = await client.create("/seq-", "", 2);

  await service.kill();
  expect(await client.connection.next()).toBe("closed");
  await service.restart();
  const again = await NativeClient.connect(service.nativePort, client.resumption);

  expect(again.session.sessionId).toBe(client.session.sessionId);
  expect(await again.exists("/survivor")).toBe(true);
  expect((await again.create("/seq-", "", 2)) > sequential).toBe(true);
});
