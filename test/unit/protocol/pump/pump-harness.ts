import { Pump, type PumpAction } from "../../../../src/protocol/pump.ts";
import { Body, connectFrame, framed } from "../jute/native-client.ts";

/** What a pump did, as an observer at both ends sees it. */
export class PumpHarness {
  nowMs = 1_000_000;
  readonly pump = new Pump(this.nowMs);
  /** Messages to the shard; bytes as hex. */
  readonly toShard: string[] = [];
  readonly toClient: Buffer[] = [];
  readonly others: PumpAction[] = [];

  /** Bytes for the shard without the texts between them. */
  get shardBytes(): string {
    return this.toShard.filter((message) => /^[0-9a-f]*$/.test(message)).join("");
  }

  get shardTexts(): string[] {
    return this.toShard.filter((message) => !/^[0-9a-f]*$/.test(message));
  }

  get clientBytes(): Buffer {
    return Buffer.concat(this.toClient);
  }

  get closeReason(): string | undefined {
    const close = this.others.find(({ type }) => type === "close");
    return close?.type === "close" ? close.reason : undefined;
  }

  client(bytes: Uint8Array): this {
    return this.#run(this.pump.fromClient(bytes, this.nowMs));
  }

  shard(message: Uint8Array | string): this {
    return this.#run(this.pump.fromShard(message, this.nowMs));
  }

  written(bytesCount: number): this {
    return this.#run(this.pump.written(bytesCount));
  }

  tick(): this {
    return this.#run(this.pump.tick(this.nowMs));
  }

  clientClosed(): this {
    return this.#run(this.pump.clientClosed());
  }

  shardClosed(): this {
    return this.#run(this.pump.shardClosed());
  }

  /** Goes through the handshake, and forgets what it did. */
  join(timeoutMs = 9_000): this {
    this.client(HANDSHAKE).shard(joined(timeoutMs)).written(joined(timeoutMs).length);
    this.toShard.length = 0;
    this.toClient.length = 0;
    return this;
  }

  #run(actions: readonly PumpAction[]): this {
    for (const action of actions) {
      if (action.type === "toShard") {
        const { message } = action;
        this.toShard.push(
          typeof message === "string" ? message : Buffer.from(message).toString("hex"),
        );
      } else if (action.type === "toClient") {
        this.toClient.push(Buffer.from(action.bytes));
      } else {
        this.others.push(action);
      }
    }
    return this;
  }
}

export const HANDSHAKE: Buffer = framed(connectFrame());

export const PING: Buffer = framed(new Body().int(-2).int(11).bytes());

/** The answer of a shard to a handshake. */
export function joined(timeoutMs: number): Buffer {
  const body = new Body().int(0).int(timeoutMs).long(77).buffer(Buffer.alloc(16));
  return framed(body.bytes());
}

/** An answer of a shard, or an event with xid −1. */
export function answer(xid: number, zxid: number, bodyBytes = 0): Buffer {
  const header = new Body().int(xid).long(zxid).int(0).bytes();
  return framed(Buffer.concat([header, Buffer.alloc(bodyBytes, 5)]));
}
