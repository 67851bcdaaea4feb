import { assert } from "../core/assert.ts";
import { Code, isFailure } from "../core/keeper-error.ts";
import { isWrite } from "../core/request.ts";
import { checkRequest } from "../client/check-request.ts";
import { KeeperError } from "../client/keeper-error.ts";
import type { OperationPorts } from "../client/operations.ts";
import { decodeReply, decodeReplyFrame, type NativeReply } from "../protocol/jute/decode-reply.ts";
import { decodeRequest } from "../protocol/jute/decode-request.ts";
import type { DecodedRequest } from "../protocol/jute/decoded-frame.ts";
import { encodeReply } from "../protocol/jute/encode-reply.ts";
import { encodeRequest, type NativeRequest } from "../protocol/jute/encode-request.ts";
import { PREFIX_BYTES } from "../protocol/jute/frame.ts";
import { OutputArchive } from "../protocol/jute/output-archive.ts";
import { reach } from "../gateway/shard-client.ts";
import type { ShardAnswer, ShardApi, ShardCall } from "../shard/shard-api.ts";
import { asKeeperError } from "./keeper-failure.ts";

/** What travels beside a request: who asks, and what was asked for with it. */
export interface CallContext {
  /** Finds the shard. A stub is good until its object is reset. */
  readonly openShard: () => ShardApi;
  readonly identity: ShardCall["identity"];
  readonly auth: NonNullable<ShardCall["auth"]>;
  /** Of reads. */
  readonly readOptions: NonNullable<ShardCall["options"]>;
  /** Of writes. */
  readonly writeOptions: NonNullable<ShardCall["options"]>;
}

/**
 * Carries operations out by calls of the shard, without a session.
 *
 * Requests and answers go through the client's frames, so that both mean what they mean on a
 * connection, and are judged as strictly.
 */
export class ShardCalls implements OperationPorts {
  readonly #context: () => CallContext;
  /** Of all calls until one is lost: those by one stub arrive in the order sent. */
  #shard: ShardApi | undefined;

  /** @param context - throws what every call shall be refused with. */
  constructor(context: () => CallContext) {
    this.#context = context;
  }

  async ask(request: NativeRequest, path?: string): Promise<NativeReply> {
    const asked = judged(request, path);
    const { zxid, outcome } = await this.#call(asked.request, path);
    // A multi says by its parts which of them failed.
    if (isFailure(outcome) && outcome.failedAt === undefined) {
      throw new KeeperError(outcome.code, { path, message: outcome.message });
    }
    const archive = new OutputArchive();
    encodeReply(archive, asked, zxid, outcome);
    const frame = decodeReplyFrame(archive.take().subarray(PREFIX_BYTES));
    const reply = frame === undefined ? undefined : decodeReply(frame.body, request);
    assert(reply !== undefined, `the answer to ${request.op} can't be read back`);
    return reply;
  }

  watched(): void {
    // Refused before it is asked for.
  }

  #call(request: ShardCall["request"], path: string | undefined): Promise<ShardAnswer> {
    return asKeeperError(async () => {
      const { openShard, identity, auth, readOptions, writeOptions } = this.#context();
      const options = isWrite(request) ? writeOptions : readOptions;
      const shard = (this.#shard ??= openShard());
      try {
        return await reach(() => shard.call({ identity, auth, request, options }));
      } catch (error) {
        this.#shard = undefined;
        throw error;
      }
    }, path);
  }
}

/** Reads a request as the shard would read it from a connection. @throws KeeperError, RangeError */
function judged(request: NativeRequest, path: string | undefined): DecodedRequest {
  checkRequest(request);
  if ("watch" in request && request.watch) {
    const message = "a watch expected a session, saw a call without one";
    throw new KeeperError(Code.BADARGUMENTS, { path, message });
  }
  const archive = new OutputArchive();
  encodeRequest(archive, 0, request);
  const asked = decodeRequest(archive.take().subarray(PREFIX_BYTES));
  if (asked.kind === "request") return asked;
  const message = asked.kind === "refused" ? asked.failure.message : "expected a request";
  throw new KeeperError(Code.MARSHALLINGERROR, { path, message });
}
