import { describe, expect, it } from "vitest";
import { OpCode } from "../../../src/protocol/jute/op-code.ts";
import { Body, connectFrame, framed, requestFrame } from "../protocol/jute/native-client.ts";
import { FakeTcp } from "./fake-tcp.ts";
import { Gateway } from "./gateway-harness.ts";

/** The answer to a handshake with the read-only byte, behind its length. */
const CONNECTED_BYTES = 4 + 37;
const HANDSHAKE = framed(connectFrame({ readOnly: false }));

const whoAmI = framed(requestFrame(1, OpCode.whoAmI));
const create = framed(
  requestFrame(
    1,
    OpCode.create,
    new Body()
      .string("/a")
      .buffer(Buffer.from("x"))
      .acl([{ perms: 31, id: { scheme: "world", id: "anyone" } }])
      .int(0),
  ),
);

describe("a TCP client", () => {
  it("[NA17] from this machine is the anonymous one, with its address as its ip", async () => {
    const [gateway, tcp] = [new Gateway(), new FakeTcp("127.0.0.9:50000")];
    const ended = gateway.connect(tcp);
    tcp.send(Buffer.concat([HANDSHAKE, whoAmI]));
    const answer = await tcp.received(CONNECTED_BYTES + 20);
    tcp.end();
    await ended;

    expect(answer.toString("latin1")).toContain("127.0.0.9");
    expect(tcp.isClosed).toBe(true);
    expect(gateway.shard().lastSocket.closeCode).toBe(1000);
  });

  it.each([
    ["192.0.2.7:50000", { ANONYMOUS_ROLE: "admin" }],
    ["[2001:db8::7]:50000", { ANONYMOUS_ROLE: "admin" }],
    ["128.0.0.1:50000", { ANONYMOUS_ROLE: "admin" }],
    ["", { ANONYMOUS_ROLE: "admin" }],
    ["127.0.0.1:50000", {}],
  ])("[NA17] from '%s' with %j is closed", async (address, variables) => {
    const [gateway, tcp] = [new Gateway(variables), new FakeTcp(address)];
    tcp.send(HANDSHAKE);
    await gateway.connect(tcp);

    expect(tcp.isClosed).toBe(true);
    expect(gateway.shards.size).toBe(0);
  });

  it.each(["[::1]:50000", "[::ffff:127.0.0.1]:50000"])("[NA17] from %s comes in", async (from) => {
    const [gateway, tcp] = [new Gateway(), new FakeTcp(from)];
    const ended = gateway.connect(tcp);
    tcp.send(HANDSHAKE);
    expect(await tcp.received(CONNECTED_BYTES)).toHaveLength(CONNECTED_BYTES);
    tcp.reset();
    await ended;
  });

  it("[NA17] that may only read gets no session: it is closed without an answer", async () => {
    const [gateway, tcp] = [new Gateway({ ANONYMOUS_ROLE: "read" }), new FakeTcp()];
    tcp.send(HANDSHAKE);
    await gateway.connect(tcp);

    expect(await tcp.received(0)).toHaveLength(0);
  });

  it("[NA18] sees the namespace NATIVE_NAMESPACE, `default` if it is not set", async () => {
    for (const [variables, path] of [
      [{ ANONYMOUS_ROLE: "admin", NATIVE_NAMESPACE: "blue" }, "/ns/blue/znodes/a"],
      [{ ANONYMOUS_ROLE: "admin" }, "/znodes/a"],
    ] as const) {
      const [gateway, tcp] = [new Gateway(variables), new FakeTcp()];
      const ended = gateway.connect(tcp);
      tcp.send(Buffer.concat([HANDSHAKE, create]));
      await tcp.received(CONNECTED_BYTES + 26);
      tcp.end();
      await ended;

      expect(await (await gateway.send(`GET ${path}`)).text()).toBe("x");
    }
  });

  it("[SC5] a malformed NATIVE_NAMESPACE is told by its name", async () => {
    const variables = { ANONYMOUS_ROLE: "admin", NATIVE_NAMESPACE: "Blue Secret" };
    const response = await new Gateway(variables).send("GET /znodes/a");

    expect(response.status).toBe(500);
    const body = await response.text();
    expect(body).toContain("NATIVE_NAMESPACE");
    expect(body).not.toContain("Secret");
  });

  it("[NA14] is closed when the shard is lost on the way", async () => {
    const [gateway, tcp] = [new Gateway(), new FakeTcp()];
    gateway.shard().failure = new Error("Network connection lost");
    tcp.send(HANDSHAKE);
    await gateway.connect(tcp);

    expect(tcp.isClosed).toBe(true);
  });
});
