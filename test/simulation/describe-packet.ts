import type { MemberPacket } from "../../src/server/ensemble/member-message.ts";
import { formatZxid } from "../../src/core/zxid.ts";
import type { Packet } from "../../src/zab/packet.ts";

/** Fields of a packet that are zxids. */
const ZXIDS = ["prevZxid", "zxid", "lastZxid", "committedZxid"] as const;
const NUMBERS = ["epoch", "acceptedEpoch", "currentEpoch", "electionEpoch", "round"] as const;

/** Puts packets into words, for the trace. */
export function describePackets(packets: readonly MemberPacket[]): string {
  return packets
    .map((each) => (each.type === "zab" ? describePacket(each.packet) : `<${each.message.type}>`))
    .join(" | ");
}

function describePacket(packet: Packet): string {
  const fields = packet as unknown as Readonly<Record<string, unknown>>;
  const words: string[] = [packet.type];
  for (const name of NUMBERS) {
    if (name in fields) words.push(`${name}=${String(fields[name])}`);
  }
  for (const name of ZXIDS) {
    const value = fields[name];
    if (typeof value === "number") words.push(`${name}=${formatZxid(value)}`);
  }
  if ("rows" in packet) {
    const [first, last] = [packet.rows[0]?.zxid, packet.rows.at(-1)?.lastZxid];
    words.push(
      first === undefined ? "rows=0" : `rows=${formatZxid(first)}..${formatZxid(last ?? 0)}`,
    );
  }
  if (packet.type === "NOTIFICATION") {
    const { leader, zxid, peerEpoch } = packet.vote;
    words.push(`${packet.state} vote=${leader}@${peerEpoch}/${formatZxid(zxid)}`);
  }
  return words.join(" ");
}
