import type { AuthRequest } from "../core/request.ts";

interface Proof {
  readonly request: AuthRequest;
  /** Told what the server says to it first; later answers change nothing. */
  readonly settle: (code: number) => void;
}

/**
 * The identities of a session: proven on every connection in the order in which they were added, and
 * answered in this order.
 */
export class Proofs {
  readonly #proofs: Proof[];
  /** How many of them this connection has answered. */
  #answered = 0;

  constructor(requests: readonly AuthRequest[]) {
    this.#proofs = requests.map((request) => ({ request, settle: () => undefined }));
  }

  /** Resolves to the server's code, on this connection or a later one. */
  add(request: AuthRequest): Promise<number> {
    return new Promise((resolve) => this.#proofs.push({ request, settle: resolve }));
  }

  /** A new connection: all of them, to be sent on it. */
  anew(): readonly AuthRequest[] {
    this.#answered = 0;
    return this.#proofs.map(({ request }) => request);
  }

  answered(code: number): void {
    this.#proofs[this.#answered]?.settle(code);
    this.#answered += 1;
  }

  /** There will be no answers any more. */
  end(code: number): void {
    for (const { settle } of this.#proofs) settle(code);
  }
}
