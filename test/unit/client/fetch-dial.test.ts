import { describe, expect, test } from "vitest";
import { fetchDial, type UpgradeResponse } from "../../../src/client/fetch-dial.ts";
import { Code } from "../../../src/core/keeper-error.ts";

/** A socket as a Worker gets it from `fetch`: open once it is accepted. */
class FakeSocket extends EventTarget {
  readonly sent: unknown[] = [];
  binaryType = "blob";
  readyState: number = WebSocket.OPEN;
  isAccepted = false;
  isClosed = false;

  accept(): void {
    this.isAccepted = true;
  }

  send(message: unknown): void {
    this.sent.push(message);
  }

  close(): void {
    this.isClosed = true;
    this.readyState = WebSocket.CLOSING;
  }
}

function responseOf(status: number, body: string, socket?: FakeSocket): UpgradeResponse {
  const webSocket = (socket ?? null) as unknown as NonNullable<UpgradeResponse["webSocket"]> | null;
  return { status, webSocket, text: () => Promise.resolve(body) };
}

/** Dials, and takes notes of what the listener hears. */
function dial(upgrade: () => Promise<UpgradeResponse>) {
  const heard: unknown[][] = [];
  const transport = fetchDial(upgrade)("keeper", {
    opened: () => heard.push(["opened"]),
    received: (bytes) => heard.push(["received", bytes]),
    pong: () => heard.push(["pong"]),
    closed: (...args) => heard.push(["closed", ...args]),
  });
  return { transport, heard };
}

/** Lets whatever was resolved be heard of. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const problem = (number: number): string => JSON.stringify({ number, detail: "why" });

describe("a socket that comes out of fetch", () => {
  test.each([
    ["a refusal", 403, problem(Code.NOAUTH), ["closed", "why", Code.NOAUTH]],
    ["a shard that is lost", 503, problem(Code.CONNECTIONLOSS), ["closed", "why", undefined]],
    ["too many requests", 429, problem(Code.THROTTLEDOP), ["closed", "why", undefined]],
    ["a code without a name", 403, problem(7), ["closed", "why", undefined]],
    ["no problem", 502, "<html>", ["closed", "expected a socket, saw status 502", undefined]],
  ])("[WB16] %s: the listener hears whether to try again", async (...[, status, body, told]) => {
    const { heard } = dial(() => Promise.resolve(responseOf(status, body)));
    await settled();
    expect(heard).toEqual([told]);
  });

  test("[WB16] what can't be reached is tried again", async () => {
    const { heard } = dial(() => Promise.reject(new Error("gone")));
    await settled();
    expect(heard).toEqual([["closed", "gone", undefined]]);
  });

  test("[WB22] frames wait until the socket is there, and leave in order", async () => {
    const socket = new FakeSocket();
    const { transport, heard } = dial(() => Promise.resolve(responseOf(101, "", socket)));
    const [first, second] = [new Uint8Array([1]), new Uint8Array([2])];

    transport.send(first);
    await settled();
    transport.send(second);

    expect(heard).toEqual([["opened"]]);
    expect(socket).toMatchObject({ isAccepted: true, sent: [first, second] });
  });

  test("[WB22] who closed it before it was there hears nothing, and leaves no socket open", async () => {
    const socket = new FakeSocket();
    const { transport, heard } = dial(() => Promise.resolve(responseOf(101, "", socket)));

    transport.close();
    await settled();

    expect(heard).toEqual([]);
    expect(socket).toMatchObject({ isClosed: true, sent: [] });
  });

  test("[WB22] what is sent while it closes is dropped", async () => {
    const socket = new FakeSocket();
    const { transport } = dial(() => Promise.resolve(responseOf(101, "", socket)));
    await settled();

    socket.readyState = WebSocket.CLOSING;
    transport.send(new Uint8Array([1]));
    transport.ping();

    expect(socket.sent).toEqual([]);
  });
});
