import { RpcTarget } from "cloudflare:workers";
import type { RemoteTransaction } from "../client/keeper-binding.ts";
import type { Transaction } from "../client/transaction.ts";

/** A transaction that another Worker puts together: calls need not wait for each other. */
export class RemoteTransactionTarget extends RpcTarget implements RemoteTransaction {
  readonly #transaction: Transaction;

  constructor(transaction: Transaction) {
    super();
    this.#transaction = transaction;
  }

  create(...args: Parameters<Transaction["create"]>): this {
    this.#transaction.create(...args);
    return this;
  }

  set(...args: Parameters<Transaction["set"]>): this {
    this.#transaction.set(...args);
    return this;
  }

  delete(...args: Parameters<Transaction["delete"]>): this {
    this.#transaction.delete(...args);
    return this;
  }

  check(...args: Parameters<Transaction["check"]>): this {
    this.#transaction.check(...args);
    return this;
  }

  commit(): ReturnType<Transaction["commit"]> {
    return this.#transaction.commit();
  }
}
