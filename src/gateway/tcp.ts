import type { Identity } from "../core/identity.ts";
import { cutReason } from "../protocol/close-reason.ts";
import { NATIVE_SUBPROTOCOL } from "../protocol/jute/native-codec.ts";
import {
  type PumpClient,
  type PumpPorts,
  type PumpShard,
  runPump,
  type ShardListener,
} from "../protocol/pump-runner.ts";
import type { Env } from "../shard/env.ts";
import type { ShardApi } from "../shard/shard-api.ts";
import { type GatewayOptions, readConfig } from "./config.ts";
import { answerFourLetterWord, type FourLetterContext } from "./four-letter-word.ts";
import { identifyPeer, portOf } from "./peer.ts";
import { shardOf } from "./shard-client.ts";
import { shardUpgrade } from "./upgrade.ts";

/** What a Worker exports as `connect`: one call a TCP connection, to its end. */
export type ConnectHandler = (socket: Socket, env: Env) => Promise<void>;

/**
 * Makes the TCP door: the client's connection ends here, and its frames go on through the pump to a
 * WebSocket of the shard, which can hibernate while the client is idle.
 *
 * The platform may cut a connection at any time, when its one CPU budget is used up for instance.
 * To the client that is a connection loss like any other.
 *
 * Source: Cloudflare "TCP sockets", the `connect` handler (compatibility date 2026-11-01).
 */
export function createConnect(options: GatewayOptions = {}): ConnectHandler {
  return async (socket, env) => {
    // Whoever closes first makes this reject; it is noticed by reading and writing.
    socket.closed.catch(() => undefined);
    const config = readConfig(env, options);
    const { remoteAddress, localAddress } = await socket.opened;
    const identity = identifyPeer(remoteAddress, config);
    if (identity === undefined) {
      await socket.close();
      return;
    }
    const shard = shardOf(env, config, {
      namespace: config.nativeNamespace,
      placement: config.nativePlacement,
    });
    const context = { whitelist: config.fourLetterWords, clientPort: portOf(localAddress) ?? -1 };
    await runPump(clientOf(socket), portsOf(shard, identity, context));
  };
}

/** A pipelining client's requests come in one piece; without a buffer of ours, in 4 KiB. */
const READ_BYTES = 16_384;

function clientOf(socket: Socket): PumpClient {
  const reader = socket.readable.getReader({ mode: "byob" });
  const writer = (socket.writable as WritableStream<Uint8Array>).getWriter();
  // Reported by the write that fails, too.
  writer.closed.catch(() => undefined);
  return {
    read: async () => {
      const { value, done } = await reader.read(new Uint8Array(READ_BYTES));
      return done ? undefined : value;
    },
    write: (bytes) => writer.write(bytes),
    end: async () => {
      await writer.close();
      await socket.close();
    },
    abort: () => void socket.close().catch(() => undefined),
  };
}

function portsOf(shard: ShardApi, identity: Identity, context: FourLetterContext): PumpPorts {
  return {
    nowMs: () => Date.now(),
    setTimer: (run, delayMs) => {
      const timer = setTimeout(run, delayMs);
      return () => clearTimeout(timer);
    },
    openShard: (listener) => openShard(shard, identity, listener),
    answerCommand: async (word) =>
      new TextEncoder().encode(await answerFourLetterWord(word, shard, context)),
  };
}

async function openShard(
  shard: ShardApi,
  identity: Identity,
  listener: ShardListener,
): Promise<PumpShard> {
  const response = await shard.fetch(shardUpgrade(identity, NATIVE_SUBPROTOCOL));
  const socket = response.webSocket;
  // A shard that could not recover answers an upgrade with 503.
  if (socket === null || socket === undefined) throw new Error("the shard takes no connections");
  socket.binaryType = "arraybuffer";
  socket.addEventListener("message", ({ data }) => {
    listener.onMessage(typeof data === "string" ? data : new Uint8Array(data as ArrayBuffer));
  });
  socket.addEventListener("close", () => listener.onClosed());
  socket.addEventListener("error", () => listener.onClosed());
  socket.accept();
  return {
    send: (message) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(message);
    },
    close: (reason) => socket.close(1000, cutReason(reason)),
  };
}
