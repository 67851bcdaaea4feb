import type { Report } from "../../../../src/zab/ready.ts";
import type { Actor } from "./actor.ts";
import { rowWords, zxidWord } from "./words.ts";

/**
 * Sees every play and stops it when Zab's safety is broken, whatever the golden file says.
 *
 * Agreement and total order: one history of committed batches, of which each member has a prefix.
 * Primary integrity: one leader in an epoch, which begins with all that was ever committed.
 */
export class Oracle {
  readonly #committed = new Map<number, string>();
  readonly #leaders = new Map<number, number>();

  see(actor: Actor, report: Report): void {
    if (report.type === "committed") this.#seeCommitted(actor, report.zxid);
    if (report.type === "role" && report.role.type === "leading") {
      this.#seeLeader(actor, report.role.epoch);
    }
  }

  #seeCommitted({ sid, disk }: Actor, upTo: number): void {
    const held = new Map(
      disk.all.filter((row) => row.lastZxid <= upTo).map((row) => [row.lastZxid, rowWords(row)]),
    );
    for (const [zxid, words] of held) {
      const known = this.#committed.get(zxid) ?? words;
      if (known !== words) throw new Error(`${sid} commits ${words}, others ${known}`);
      this.#committed.set(zxid, words);
    }
    for (const zxid of this.#committed.keys()) {
      if (zxid <= upTo && !held.has(zxid)) throw new Error(`${sid} left out ${zxidWord(zxid)}`);
    }
  }

  #seeLeader({ sid, disk }: Actor, epoch: number): void {
    const known = this.#leaders.get(epoch) ?? sid;
    if (known !== sid) throw new Error(`${sid} and ${known} lead epoch ${epoch}`);
    this.#leaders.set(epoch, sid);
    const held = new Set(disk.all.map(({ lastZxid }) => lastZxid));
    for (const zxid of this.#committed.keys()) {
      if (!held.has(zxid)) throw new Error(`${sid} leads without ${zxidWord(zxid)}`);
    }
  }
}
