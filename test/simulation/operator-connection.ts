import type { ClientConnection } from "../../src/server/client-connection.ts";
import type { ConnectionId } from "../../src/server/input.ts";

/** A connection for one request, whose answer nobody waits for. */
export class OperatorConnection implements ClientConnection {
  readonly id: ConnectionId;
  #isDone = false;

  constructor(id: ConnectionId) {
    this.id = id;
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  reply(): void {
    this.#isDone = true;
  }

  connected(): void {}

  event(): void {}

  changed(): void {}

  flush(): void {}

  close(): void {
    this.#isDone = true;
  }
}
