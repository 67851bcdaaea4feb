import type { Packet } from "./packet.ts";
import type { PersistStep, Ready, Report } from "./ready.ts";

/** Reports of which the last one says it all. */
const CUMULATIVE: ReadonlySet<Report["type"]> = new Set(["persisted", "committed", "confirmed"]);

/**
 * Reports of the log that a snapshot replaces. They are heard when the snapshot is there, by a server
 * that would do on the new tables what was meant for the old ones.
 */
const OF_THE_LOG: ReadonlySet<Report["type"]> = new Set([
  "learned",
  "discarded",
  "persisted",
  "committed",
]);

/** Gathers what the next {@link Ready} asks for. */
export class ReadyBuilder {
  #send: Packet[] = [];
  #reports: Report[] = [];

  send(packet: Packet): void {
    this.#send.push(packet);
  }

  /** A cumulative report takes the place of the one before it, `installed` that of all of the log. */
  report(report: Report): void {
    if (report.type === "installed") {
      this.#reports = this.#reports.filter(({ type }) => !OF_THE_LOG.has(type));
    }
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
