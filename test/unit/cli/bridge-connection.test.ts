import { Duplex } from "node:stream";
import { afterEach, expect, it } from "vitest";
import {
  BridgeConnection,
  UNWRITTEN_BYTES_PAUSE,
} from "../../../src/cli/bridge/bridge-connection.ts";
import type { ServiceSocket, SocketOptions } from "../../../src/cli/bridge/service-socket.ts";
import { answer, HANDSHAKE, joined } from "../protocol/pump/pump-harness.ts";

/** A client whose writes are out when the test says so. */
class SlowClient extends Duplex {
  writtenBytes = 0;
  readonly #outgoing: (() => void)[] = [];

  readonly #incoming: Buffer[] = [];
  #isAsked = false;

  /** Lets the client send, in pieces as the kernel gives them. */
  sends(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; at += 65_536) {
      this.#incoming.push(bytes.subarray(at, at + 65_536));
    }
    if (this.#isAsked) this._read();
  }

  override _read(): void {
    const piece = this.#incoming.shift();
    this.#isAsked = piece === undefined;
    if (piece !== undefined) this.push(piece);
  }

  override _write(bytes: Buffer, _encoding: string, done: () => void): void {
    this.#outgoing.push(() => {
      this.writtenBytes += bytes.length;
      done();
    });
  }

  /** Takes what was written until so many bytes were taken. */
  async takeUpTo(bytesCount: number): Promise<void> {
    while (this.writtenBytes < bytesCount) {
      this.#outgoing.shift()?.();
      await turns(1);
    }
  }
}

class FakeSocket implements ServiceSocket {
  readonly sent: (Uint8Array | string)[] = [];
  isPaused = false;
  closeReason: string | undefined;

  send(message: Uint8Array | string): void {
    this.sent.push(message);
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }

  close(reason: string): void {
    this.closeReason = reason;
  }
}

/** Lets everything happen that is under way. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const MESSAGE = answer(1, 1, 100_000);

let connection: BridgeConnection;
afterEach(() => connection.abort());

async function start(): Promise<{ client: SlowClient; socket: FakeSocket; door: SocketOptions }> {
  const client = new SlowClient();
  const socket = new FakeSocket();
  const door = await new Promise<SocketOptions>((resolve) => {
    connection = new BridgeConnection(client, {
      openSocket: (options) => {
        options.signal.addEventListener("abort", () => options.listener.onClosed());
        resolve(options);
        return Promise.resolve(socket);
      },
      answerWord: () => Promise.reject(new Error("no word was asked")),
      report: (line) => expect.fail(line),
      reached: () => undefined,
    });
    client.sends(HANDSHAKE);
  });
  door.listener.onMessage(joined(30_000));
  await client.takeUpTo(joined(30_000).length);
  return { client, socket, door };
}

it("[BG5] the service is not read while a client leaves more than 1 MiB unread", async () => {
  const { client, socket, door } = await start();
  let bytes = client.writtenBytes;
  for (let count = 0; count < 30 && !socket.isPaused; count += 1) {
    door.listener.onMessage(MESSAGE);
    bytes += MESSAGE.length;
  }
  expect(bytes).toBeGreaterThanOrEqual(UNWRITTEN_BYTES_PAUSE);
  expect(bytes).toBeLessThan(UNWRITTEN_BYTES_PAUSE + 2 * MESSAGE.length);
  await client.takeUpTo(bytes);
  expect(socket.isPaused).toBe(false);
});

it("[BG5] a client is not read while its requests have no answers", async () => {
  const { client, socket, door } = await start();
  const requests = Buffer.concat(Array.from({ length: 50 }, () => MESSAGE));
  const sentBytes = () => socket.sent.slice(1).reduce((sum, message) => sum + message.length, 0);
  client.sends(requests);
  await turns(100);
  expect(sentBytes()).toBeGreaterThan(900_000);
  expect(sentBytes()).toBeLessThan(1_300_000);
  for (let reply = 0; reply < 50; reply += 1) {
    door.listener.onMessage(answer(1, 1));
    await client.takeUpTo(joined(30_000).length + (reply + 1) * answer(1, 1).length);
  }
  await turns(100);
  expect(sentBytes()).toBe(requests.length);
});

it("[BG8] what comes behind the end of a client is dropped, and the close is awaited", async () => {
  const { client, socket, door } = await start();
  client.push(null);
  await expect.poll(() => socket.closeReason).toBe("the client closed the connection");
  for (let count = 0; count < 20; count += 1) door.listener.onMessage(MESSAGE);
  expect(socket.isPaused).toBe(false);
  door.listener.onClosed();
  await connection.ended;
  expect(client.destroyed).toBe(true);
});

it("[BG7] a stop ends a client that waits for answers", async () => {
  const { client, socket, door } = await start();
  client.sends(Buffer.concat(Array.from({ length: 50 }, () => MESSAGE)));
  await turns(100);
  connection.stop();
  await turns(10);
  expect(socket.closeReason).toBeDefined();
  door.listener.onClosed();
});

it("[BG8] what a client sends behind the end is read, so that its own end is seen", async () => {
  const { client, door } = await start();
  door.listener.onClosed();
  await turns(10);
  client.sends(Buffer.alloc(500_000));
  await turns(100);
  client.push(null);
  await turns(10);
  expect(client.readableEnded).toBe(true);
});
