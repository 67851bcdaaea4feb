import { RpcTarget } from "cloudflare:workers";
import type { RemoteTransaction } from "../client/keeper-binding.ts";
import type { Transaction } from "../client/transaction.ts";

/**
 * A transaction that another Worker puts together: calls need not wait for each other. What is wrong
 * with one is told by `commit`, which alone is awaited.
 */
export class RemoteTransactionTarget extends RpcTarget implements RemoteTransaction {
  readonly #transaction: Transaction;
  #fault: { readonly error: unknown } | undefined;

  constructor(transaction: Transaction) {
    super();
    this.#transaction = transaction;
  }

  create(...args: Parameters<Transaction["create"]>): this {
    return this.#add(() => this.#transaction.create(...args));
  }

  set(...args: Parameters<Transaction["set"]>): this {
    return this.#add(() => this.#transaction.set(...args));
  }

  delete(...args: Parameters<Transaction["delete"]>): this {
    return this.#add(() => this.#transaction.delete(...args));
  }

  check(...args: Parameters<Transaction["check"]>): this {
    return this.#add(() => this.#transaction.check(...args));
  }

  async commit(): ReturnType<Transaction["commit"]> {
    if (this.#fault !== undefined) throw this.#fault.error;
    return this.#transaction.commit();
  }

  #add(part: () => unknown): this {
    try {
      part();
    } catch (error) {
      this.#fault ??= { error };
    }
    return this;
  }
}
