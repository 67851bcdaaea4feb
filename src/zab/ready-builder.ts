import type { Packet } from "./packet.ts";
import type { PersistStep, Ready, Report } from "./ready.ts";

/** Reports of which the last one says it all. */
const CUMULATIVE: ReadonlySet<Report["type"]> = new Set(["persisted", "committed", "confirmed"]);

/** Gathers what the next {@link Ready} asks for. */
export class ReadyBuilder {
  #send: Packet[] = [];
  #reports: Report[] = [];

  send(packet: Packet): void {
    this.#send.push(packet);
  }

  /** A cumulative report takes the place of the one before it. */
  report(report: Report): void {
    const last = this.#reports.at(-1);
    if (CUMULATIVE.has(report.type) && last?.type === report.type) this.#reports.pop();
    this.#reports.push(report);
  }

  /** undefined if there is nothing to do. */
  take(persist: readonly PersistStep[]): Ready | undefined {
    if (persist.length + this.#send.length + this.#reports.length === 0) return undefined;
    const ready = { persist, send: this.#send, reports: this.#reports };
    this.#send = [];
    this.#reports = [];
    return ready;
  }
}
