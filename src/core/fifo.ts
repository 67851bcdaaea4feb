/**
 * A first-in, first-out queue whose `shift` takes the same time however long the queue is; an
 * array's does not, and a pipelining client may have thousands of requests waiting.
 */
export class Fifo<T> {
  #items: T[] = [];
  /** Index of the first item that is still in the queue. */
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  peek(): T | undefined {
    return this.#items[this.#head];
  }

  shift(): T | undefined {
    const item = this.#items[this.#head];
    if (item === undefined) return undefined;
    this.#head += 1;
    if (this.#head > 64 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** The items in order; the queue must not change meanwhile. */
  items(): readonly T[] {
    return this.#items.slice(this.#head);
  }

  /** Takes out the items that `keep` refuses, which are at the end, and returns them in order. */
  cutAfter(keep: (item: T) => boolean): T[] {
    const items = [...this.items()];
    const count = items.findIndex((item) => !keep(item));
    const cut = count < 0 ? [] : items.splice(count);
    this.#items = items;
    this.#head = 0;
    return cut;
  }

  /** Takes out everything, in order. */
  clear(): T[] {
    return this.cutAfter(() => false);
  }
}
