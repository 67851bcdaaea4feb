import type { LoggedTxn } from "../../src/core/txn.ts";
import type { Zxid } from "../../src/core/zxid.ts";
import type {
  Completion,
  ConnectionRecord,
  Delivery,
  History,
  MemberEvent,
  MemberRecord,
  Operation,
  Touch,
} from "./history.ts";
import type { Sid } from "../../src/zab/configuration.ts";
import type { Schedule } from "./schedule.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A connection record while its connection lasts. */
export type OpenConnection = Mutable<Omit<ConnectionRecord, "deliveries">> & {
  readonly deliveries: Delivery[];
};

/** A delivery without its time, which the recorder adds. */
export type Timeless<T> = T extends unknown ? Omit<T, "atUs"> : never;

/** Writes down the history of a run while it happens. */
export class Recorder {
  readonly operations: Mutable<Operation>[] = [];
  readonly connections: OpenConnection[] = [];
  readonly #members = new Map<Sid, MemberEvent[]>();
  readonly #touches: Touch[] = [];
  readonly #txns = new Map<Zxid, LoggedTxn>();
  readonly #schedule: Schedule;
  healedUs: number | undefined;

  constructor(schedule: Schedule) {
    this.#schedule = schedule;
  }

  opened(
    record: Omit<ConnectionRecord, "id" | "openedUs" | "session" | "deliveries" | "closedUs">,
  ) {
    const { nowUs: openedUs } = this.#schedule;
    const id = this.connections.length;
    const opened: OpenConnection = {
      ...record,
      id,
      openedUs,
      session: undefined,
      deliveries: [],
      closedUs: undefined,
    };
    this.connections.push(opened);
    return opened;
  }

  invoked(operation: Omit<Operation, "id" | "invokedUs" | "completion">): number {
    const id = this.operations.length;
    const { nowUs: invokedUs } = this.#schedule;
    this.operations.push({ ...operation, id, invokedUs, completion: undefined });
    return id;
  }

  delivered(connection: OpenConnection, delivery: Timeless<Delivery>): void {
    connection.deliveries.push({ ...delivery, atUs: this.#schedule.nowUs } as Delivery);
  }

  /** An answer arrived: also a delivery. */
  completed(
    connection: OpenConnection,
    id: number,
    answer: Omit<Completion, "completedUs" | "delivery">,
  ): void {
    const operation = this.operations[id];
    if (operation === undefined) throw new RangeError(`no operation ${id}`);
    const delivery = connection.deliveries.length;
    operation.completion = { ...answer, completedUs: this.#schedule.nowUs, delivery };
    this.delivered(connection, { type: "reply", operation: id });
  }

  did(sid: Sid, event: Timeless<MemberEvent>): void {
    const events = this.#members.get(sid) ?? [];
    this.#members.set(sid, events);
    events.push({ ...event, atUs: this.#schedule.nowUs } as MemberEvent);
  }

  touched(touch: Omit<Touch, "atUs">): void {
    this.#touches.push({ ...touch, atUs: this.#schedule.nowUs });
  }

  hasTxn(zxid: Zxid): boolean {
    return this.#txns.has(zxid);
  }

  applied(logged: LoggedTxn): void {
    if (!this.#txns.has(logged.header.zxid)) this.#txns.set(logged.header.zxid, logged);
  }

  history(seed: number): History {
    const members: MemberRecord[] = [...this.#members].map(([sid, events]) => ({ sid, events }));
    return {
      seed,
      operations: this.operations,
      connections: this.connections,
      members: members.sort((a, b) => a.sid - b.sid),
      touches: this.#touches,
      txns: [...this.#txns.values()].sort((a, b) => a.header.zxid - b.header.zxid),
      healedUs: this.healedUs,
      endedUs: this.#schedule.nowUs,
    };
  }
}
