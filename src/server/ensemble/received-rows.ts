import type { LoggedTxn } from "../../core/txn.ts";
import { MalformedBytesError } from "../../storage/byte-reader.ts";
import { decodeBatches } from "../../storage/log-batch.ts";
import type { LogRow } from "../../zab/log-row.ts";
import type { Packet } from "../../zab/packet.ts";
import { isWellFormed } from "../../zab/packet-check.ts";

interface Decoded {
  readonly rows: readonly LogRow[];
  readonly txns: readonly LoggedTxn[];
}

/**
 * Rows that other members sent: read before replication sees them, because what is in the log has to
 * be txns, and once read they need not be read again when they are learned.
 *
 * Replication itself can't judge them: to it they are bytes.
 */
export class ReceivedRows {
  /** By the first row of a packet; forgotten with it. */
  readonly #decoded = new WeakMap<LogRow, Decoded>();
  #droppedCount = 0;

  /** Packets whose rows are no txns. */
  get droppedCount(): number {
    return this.#droppedCount;
  }

  /** Tells whether replication may see a packet; one that it may not is counted. */
  accept(packet: Packet): boolean {
    // What has other faults, or no rows, is for replication to judge.
    if (!("rows" in packet) || !isWellFormed(packet)) return true;
    const { rows } = packet;
    const [first] = rows;
    if (first === undefined) return true;
    const txns = decode(rows);
    if (txns === undefined) {
      this.#droppedCount += 1;
      return false;
    }
    this.#decoded.set(first, { rows, txns });
    return true;
  }

  /**
   * The txns of rows that are in the log by now.
   *
   * @throws MalformedBytesError if they make no sense: then they were there before this instance.
   */
  txnsOf(rows: readonly LogRow[]): readonly LoggedTxn[] {
    const [first] = rows;
    const known = first && this.#decoded.get(first);
    const isSame =
      known?.rows.length === rows.length && known.rows.every((row, at) => row === rows[at]);
    return isSame ? known.txns : decodeBatches(rows);
  }
}

function decode(rows: readonly LogRow[]): readonly LoggedTxn[] | undefined {
  try {
    return decodeBatches(rows);
  } catch (error) {
    // A TypeError: the bytes are no bytes.
    if (error instanceof MalformedBytesError || error instanceof TypeError) return undefined;
    throw error;
  }
}
