import type { Configuration } from "../../../../src/zab/configuration.ts";
import type { HardState } from "../../../../src/zab/hard-state.ts";
import type { LogRow } from "../../../../src/zab/log-row.ts";
import type { Packet, Vote } from "../../../../src/zab/packet.ts";
import type { PersistStep, Report } from "../../../../src/zab/ready.ts";
import { configurationIn } from "../disk.ts";

const EPOCH = 2 ** 32;

/** A zxid as the papers write it: epoch and counter, `1.3`. */
export function zxidWord(zxid: number): string {
  return zxid === 0 ? "0" : `${Math.floor(zxid / EPOCH)}.${zxid % EPOCH}`;
}

export function configurationWords({ version, members }: Configuration): string {
  const names = members.map(({ sid, type }) => (type === "observer" ? `${sid}:observer` : sid));
  return `{${names.join(" ")}} of ${zxidWord(version)}`;
}

/** What one row holds: `1.1 apple`, `1.2..1.3 pear plum`. */
export function rowWords(row: LogRow): string {
  const range =
    row.zxid === row.lastZxid
      ? zxidWord(row.zxid)
      : `${zxidWord(row.zxid)}..${zxidWord(row.lastZxid)}`;
  const configuration = configurationIn([row]);
  if (configuration !== undefined) return `${range} ${configurationWords(configuration)}`;
  return `${range} ${String(JSON.parse(new TextDecoder().decode(row.txns)))}`;
}

const rowsWords = (rows: readonly LogRow[]): string => rows.map(rowWords).join(", ");

function voteWords({ leader, zxid, peerEpoch }: Vote): string {
  return leader === 0 ? "nobody" : `${leader} (epoch ${peerEpoch}, zxid ${zxidWord(zxid)})`;
}

const stagedWords = ({ stagedCursor }: { readonly stagedCursor: string }): string =>
  stagedCursor === "" ? "" : `, a snapshot up to "${stagedCursor}"`;

function bodyWords(packet: Packet): string {
  switch (packet.type) {
    case "NOTIFICATION": {
      const { state, vote, electionEpoch, acceptedEpoch, configuration } = packet;
      const words = `${state}, round ${electionEpoch}, for ${voteWords(vote)}`;
      const known = configuration === undefined ? "" : `, ${configurationWords(configuration)}`;
      return `${words}, accepted ${acceptedEpoch}${known}`;
    }
    case "FOLLOWERINFO":
    case "OBSERVERINFO": {
      const { acceptedEpoch, currentEpoch, lastZxid } = packet;
      const words = `accepted ${acceptedEpoch}, current ${currentEpoch}, last ${zxidWord(lastZxid)}`;
      return words + stagedWords(packet);
    }
    case "LEADERINFO":
      return `epoch ${packet.epoch}`;
    case "ACKEPOCH": {
      const { epoch, currentEpoch, lastZxid } = packet;
      const words = `epoch ${epoch}, current ${currentEpoch}, last ${zxidWord(lastZxid)}`;
      return words + stagedWords(packet);
    }
    case "SNAPACK":
      return `has up to "${packet.cursor}"`;
    case "SNAP": {
      const { cursor, zxid } = packet.slice;
      const end = zxid === undefined ? `up to "${cursor}"` : `the last, makes ${zxidWord(zxid)}`;
      return `epoch ${packet.epoch}, slice behind "${packet.after}", ${end}`;
    }
    default:
      return leaderWords(packet);
  }
}

function leaderWords(packet: Packet): string {
  switch (packet.type) {
    case "TRUNC": {
      const { epoch, zxid, lastZxid } = packet;
      return `epoch ${epoch}, log that ends at ${zxidWord(lastZxid)} behind ${zxidWord(zxid)}`;
    }
    case "DIFF":
    case "PROPOSAL":
    case "INFORM": {
      const { epoch, prevZxid, rows, committedZxid } = packet;
      const place = `behind ${zxidWord(prevZxid)}: ${rowsWords(rows)}`;
      return `epoch ${epoch}, ${place}; committed ${zxidWord(committedZxid)}`;
    }
    case "NEWLEADER": {
      const { epoch, zxid, configuration } = packet;
      const known = configuration === undefined ? "" : `, ${configurationWords(configuration)}`;
      return `epoch ${epoch}, history up to ${zxidWord(zxid)}${known}`;
    }
    case "UPTODATE":
      return `epoch ${packet.epoch}, committed ${zxidWord(packet.committedZxid)}`;
    case "ACK": {
      const { epoch, zxid, committedZxid } = packet;
      return `epoch ${epoch}, up to ${zxidWord(zxid)}; committed ${zxidWord(committedZxid)}`;
    }
    case "COMMIT":
      return `epoch ${packet.epoch}, up to ${zxidWord(packet.zxid)}`;
    case "PING":
      return `epoch ${packet.epoch}, round ${packet.round}`;
    case "PONG":
      return `epoch ${packet.epoch}, round ${packet.round}`;
    default:
      return "";
  }
}

/** A packet: who tells whom what. */
export function packetWords(packet: Packet): string {
  return `${packet.from}>${packet.to} ${packet.type} ${bodyWords(packet)}`;
}

/** What is sent at once, by type: `LEADERINFO to 1, 2; DIFF to 1`. */
export function sendWords(packets: readonly Packet[]): string {
  const runs: { type: string; sids: number[] }[] = [];
  for (const { type, to } of packets) {
    const last = runs.at(-1);
    if (last?.type === type) last.sids.push(to);
    else runs.push({ type, sids: [to] });
  }
  return runs.map(({ type, sids }) => `${type} to ${sids.join(", ")}`).join("; ");
}

/** What of the hard state a step changes; "" if nothing. */
function hardStateWords(before: HardState, after: HardState): string {
  const words: string[] = [];
  const change = (name: string, was: number | string, is: number | string): void => {
    if (was !== is) words.push(`${name} ${was}→${is}`);
  };
  change("state", before.state, after.state);
  change("leader", before.leader, after.leader);
  change("acceptedEpoch", before.acceptedEpoch, after.acceptedEpoch);
  change("currentEpoch", before.currentEpoch, after.currentEpoch);
  return words.join(", ");
}

/** What a member makes durable; undefined if that is not worth a line. */
export function persistWords(step: PersistStep, before: HardState): string | undefined {
  switch (step.type) {
    case "truncate":
      return `cuts its log behind ${zxidWord(step.after)}`;
    case "append":
      return `logs ${rowsWords(step.rows)}`;
    case "stageSnapshot":
      return "puts a slice aside";
    case "dropStagedSnapshot":
      return "forgets the slices put aside";
    case "installSnapshot":
      return `installs the snapshot at ${zxidWord(step.zxid)}`;
    case "hardState": {
      const words = hardStateWords(before, step.hardState);
      return words === "" ? undefined : `keeps ${words}`;
    }
  }
}

/** What a member tells its server; undefined where a line about its disk says it already. */
export function reportWords(report: Report): string | undefined {
  switch (report.type) {
    case "role": {
      const { role } = report;
      if (role.type === "looking") return "ROLE looking";
      if (role.type === "leading") return `ROLE leading epoch ${role.epoch}`;
      const verb = role.isObserver ? "observing" : "following";
      const unheard = role.incarnation === 0 ? ", not heard of since it woke" : "";
      return `ROLE ${verb} ${role.leader} in epoch ${role.epoch}${unheard}`;
    }
    case "committed":
      return `COMMITTED ${zxidWord(report.zxid)}`;
    case "confirmed":
      return `CONFIRMED round ${report.round}`;
    case "configuration":
      return `CONFIGURATION ${configurationWords(report.configuration)}`;
    default:
      return undefined;
  }
}
