/** A function of another Worker, as it arrives: a stub that is gone when its call ends. */
type Callback<T> = ((value: T) => unknown) & {
  dup?(): Callback<T>;
  [Symbol.dispose]?(): void;
};

/** A callback that is held. */
export interface Held<T> {
  readonly tell: (value: T) => void;
  readonly release: () => void;
}

/**
 * Functions of the calling Worker that are called behind the call that brought them.
 *
 * Each is told one thing after the other, in their order. What it throws is its own Worker's to see.
 *
 * Source: Cloudflare "Workers RPC: lifecycle": stubs in parameters are disposed of when the call ends.
 */
export class HeldCallbacks {
  readonly #held = new Set<() => void>();

  hold<T>(callback: (value: T) => unknown): Held<T> {
    const stub = (callback as Callback<T>).dup?.() ?? (callback as Callback<T>);
    const release = (): void => {
      if (this.#held.delete(release)) stub[Symbol.dispose]?.();
    };
    this.#held.add(release);
    const tell = (value: T): void => {
      if (!this.#held.has(release)) return;
      // A caller that is gone has nobody to be told.
      call(stub, value).catch(() => undefined);
    };
    return { tell, release };
  }

  /** Nobody is told anything any more. */
  releaseAll(): void {
    for (const release of this.#held) release();
  }
}

/** By RPC it answers a promise; whatever else it is, it fails by what is returned. */
async function call<T>(stub: Callback<T>, value: T): Promise<void> {
  await stub(value);
}
