import { Code } from "../core/keeper-error.ts";
import type { MultiOp } from "../core/request.ts";
import { failedPartOf, type NativePart, type NativeStat } from "../protocol/jute/decode-reply.ts";
import { type CreateOptions, createRequest } from "./create-options.ts";
import { bytesOf, type Data } from "./data.ts";
import { KeeperError } from "./keeper-error.ts";

/** What one operation of a committed transaction did. */
export type TransactionResult =
  | { readonly op: "create"; readonly path: string; readonly stat: NativeStat | undefined }
  | { readonly op: "set"; readonly path: string; readonly stat: NativeStat }
  | { readonly op: "delete" | "check"; readonly path: string };

/** Carries a transaction out. */
export type Commit = (ops: readonly MultiOp[]) => Promise<readonly NativePart[]>;

/**
 * Operations that happen all at once, at one zxid, or not at all.
 *
 * @example
 * ```ts
 * await zk.transaction().check("/config", 7).set("/config/a", "1").delete("/config/b").commit();
 * ```
 */
export class Transaction {
  readonly #ops: MultiOp[] = [];
  readonly #commit: Commit;

  constructor(commit: Commit) {
    this.#commit = commit;
  }

  create(path: string, data: Data = "", options: CreateOptions = {}): this {
    this.#ops.push(createRequest(path, data, options));
    return this;
  }

  /** @param version - expected; −1 = any. */
  set(path: string, data: Data, version = -1): this {
    this.#ops.push({ op: "setData", path, data: bytesOf(data), version });
    return this;
  }

  /** @param version - expected; −1 = any. */
  delete(path: string, version = -1): this {
    this.#ops.push({ op: "delete", path, version });
    return this;
  }

  /** Demands that a znode exists at this version; −1 = any. */
  check(path: string, version = -1): this {
    this.#ops.push({ op: "check", path, version });
    return this;
  }

  /**
   * Carries it out.
   *
   * @returns what each operation did, in their order.
   * @throws KeeperError with `failedAt` and the path of the operation that failed; nothing was done.
   */
  async commit(): Promise<readonly TransactionResult[]> {
    const ops = [...this.#ops];
    const parts = await this.#commit(ops);
    const failedAt = failedPartOf(parts);
    const failed = parts[failedAt];
    if (failed?.op === "error") {
      throw new KeeperError(failed.code, { path: ops[failedAt]?.path, failedAt });
    }
    return ops.map((op, index) => resultOf(op, parts[index]));
  }
}

function resultOf({ path }: MultiOp, part: NativePart | undefined): TransactionResult {
  switch (part?.op) {
    case "create":
      return part;
    case "setData":
      return { op: "set", path, stat: part.stat };
    case "delete":
    case "check":
      return { op: part.op, path };
    default:
      throw new KeeperError(Code.MARSHALLINGERROR, {
        path,
        message: "expected a result, saw none",
      });
  }
}
