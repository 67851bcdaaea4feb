/** Items that may lie before the first one until they are cut off. */
const TAKEN_MAX = 64;

/**
 * A first-in, first-out queue whose `shift` takes the same time however long the queue is; an
 * array's does not, and a pipelining client may have thousands of requests waiting.
 */
export class Fifo<T extends object | number> {
  #items: T[] = [];
  /** Index of the first item that is still in the queue. */
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  shift(): T | undefined {
    const item = this.#items[this.#head];
    if (item === undefined) return undefined;
    this.#head += 1;
    if (this.#head > TAKEN_MAX && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }
}
