import { Code, findCodeName } from "../core/keeper-error.ts";
import type { Dial, Transport, TransportListener } from "./transport.ts";
import { WebSocketTransport } from "./websocket-transport.ts";

/** What a Worker gets for a request to upgrade: a socket, or a problem that says why there is none. */
export interface UpgradeResponse {
  readonly status: number;
  /** Not accepted yet. */
  readonly webSocket?: (WebSocket & { accept(): void }) | null;
  text(): Promise<string>;
}

/**
 * Dials by whatever answers a request to upgrade: in a Worker sockets come out of `fetch`.
 *
 * A problem that the next attempt would meet again is a refusal for good.
 *
 * Source: Cloudflare "Using the WebSockets API", write a WebSocket client.
 */
export function fetchDial(upgrade: () => Promise<UpgradeResponse>): Dial {
  return (_server, listener) => new FetchTransport(upgrade(), listener);
}

class FetchTransport implements Transport {
  readonly #listener: TransportListener;
  readonly #waiting: Uint8Array[] = [];
  #socket: WebSocketTransport | undefined;
  #isOver = false;

  constructor(response: Promise<UpgradeResponse>, listener: TransportListener) {
    this.#listener = listener;
    void this.#open(response);
  }

  send(frames: Uint8Array): void {
    if (this.#socket === undefined) this.#waiting.push(frames);
    else this.#socket.send(frames);
  }

  ping(): void {
    this.#socket?.ping();
  }

  close(): void {
    this.#isOver = true;
    this.#socket?.close();
  }

  async #open(response: Promise<UpgradeResponse>): Promise<void> {
    try {
      const answer = await response;
      const { webSocket } = answer;
      if (webSocket === null || webSocket === undefined) {
        const { reason, refusal } = refusalOf(answer.status, await answer.text());
        this.#end(reason, refusal);
        return;
      }
      const socket = new WebSocketTransport(webSocket, this.#listener);
      webSocket.accept();
      this.#socket = socket;
      // Whoever closed it meanwhile hears nothing more.
      if (this.#isOver) return socket.close();
      for (const frames of this.#waiting.splice(0)) socket.send(frames);
      this.#listener.opened();
    } catch (error) {
      this.#end(error instanceof Error ? error.message : String(error));
    }
  }

  #end(reason: string, refusal?: Code): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#listener.closed(reason, refusal);
  }
}

/** Reads `application/problem+json`; what is none is an attempt that failed. */
function refusalOf(
  status: number,
  body: string,
): { readonly reason: string; readonly refusal: Code | undefined } {
  let problem: { readonly number?: unknown; readonly detail?: unknown };
  try {
    problem = JSON.parse(body) as typeof problem;
  } catch {
    return { reason: `expected a socket, saw status ${status}`, refusal: undefined };
  }
  const { number: code, detail } = problem;
  const isFinal = status >= 400 && status < 500 && status !== 429;
  const isCode = typeof code === "number" && findCodeName(code) !== undefined;
  return {
    reason: typeof detail === "string" ? detail : `status ${status}`,
    refusal: isFinal && isCode ? (code as Code) : undefined,
  };
}
