import type { AdminConnection, AdminOp } from "../core/admin-data.ts";
import type { Zxid } from "../core/zxid.ts";
import type { Connection, Queued } from "./connection.ts";
import { Latency } from "./latency.ts";
import type { ServerState } from "./server-state.ts";

/** What the server counts of its traffic. They decide nothing. Source: ZooKeeper `ServerStats`. */
export class ServerStatistics {
  packetsReceived = 0;
  packetsSent = 0;
  readonly latency: Latency = new Latency();

  reset(): void {
    this.packetsReceived = 0;
    this.packetsSent = 0;
    this.latency.reset();
  }
}

type ConnectionView = Pick<
  AdminConnection,
  | "packetsReceived"
  | "packetsSent"
  | "lastOp"
  | "lastCxid"
  | "lastZxid"
  | "lastResponseMs"
  | "lastLatencyMs"
  | "latency"
>;

/** What the server counts of one connection. Source: ZooKeeper `ServerCnxn.resetStats`. */
export class ConnectionStatistics {
  packetsReceived = 0;
  packetsSent = 0;
  #lastOp: AdminOp | undefined;
  #lastCxid = -1;
  #lastZxid: Zxid = -1;
  #lastResponseMs = 0;
  #lastLatencyMs = 0;
  readonly #latency = new Latency();

  answered(op: AdminOp, { xid, arrivedMs }: Queued, zxid: Zxid, nowMs: number): void {
    this.#lastOp = op;
    // Those below 0 are the client's own, of pings and the like; the last real request is wanted.
    if (xid >= 0) this.#lastCxid = xid;
    this.#lastZxid = zxid;
    this.#lastResponseMs = nowMs;
    this.#lastLatencyMs = nowMs - arrivedMs;
    this.#latency.add(this.#lastLatencyMs);
  }

  reset(): void {
    this.packetsReceived = 0;
    this.packetsSent = 0;
    this.#lastOp = undefined;
    this.#lastCxid = -1;
    this.#lastZxid = -1;
    this.#lastResponseMs = 0;
    this.#lastLatencyMs = 0;
    this.#latency.reset();
  }

  view(): ConnectionView {
    return {
      packetsReceived: this.packetsReceived,
      packetsSent: this.packetsSent,
      lastOp: this.#lastOp,
      lastCxid: this.#lastCxid,
      lastZxid: this.#lastZxid,
      lastResponseMs: this.#lastResponseMs,
      lastLatencyMs: this.#lastLatencyMs,
      latency: this.#latency.view(),
    };
  }
}

/** A request or a `connect` came in. */
export function noteReceived({ statistics }: ServerState, connection: Connection): void {
  statistics.packetsReceived += 1;
  connection.statistics.packetsReceived += 1;
}

/** An answer or an event goes out. */
export function noteSent({ statistics }: ServerState, connection: Connection): void {
  statistics.packetsSent += 1;
  connection.statistics.packetsSent += 1;
}

/** A request is answered with `zxid`; `auth` is a packet and no operation, as in ZooKeeper. */
export function noteAnswered(
  state: ServerState,
  connection: Connection,
  queued: Queued,
  zxid: Zxid,
): void {
  noteSent(state, connection);
  const op = queued.type === "connect" ? "createSession" : queued.request.op;
  if (op === "auth") return;
  const { nowMs, statistics } = state;
  statistics.latency.add(nowMs - queued.arrivedMs);
  connection.statistics.answered(op, queued, zxid, nowMs);
}
