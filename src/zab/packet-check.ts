import { ZXID_MAX } from "../core/zxid.ts";
import { areConsecutive } from "./batch.ts";
import type { Configuration } from "./configuration.ts";
import { EPOCH_MAX } from "./epoch.ts";
import type { LogRow } from "./log-row.ts";
import type { Packet } from "./packet.ts";
import type { PacketOf } from "./role.ts";
import type { LearnerSummary } from "./vote.ts";

const SID_MAX = 255;
/** Far beyond any round that is ever held, and far from the end of exact numbers. */
const ELECTION_EPOCH_MAX: number = 2 ** 48;
const STATES: readonly string[] = ["LOOKING", "FOLLOWING", "LEADING", "OBSERVING"];

const isCount = (value: unknown, max: number = ZXID_MAX): boolean =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value <= max;
/** An epoch has to leave room for a later one. */
const isEpoch = (value: unknown): boolean => isCount(value, EPOCH_MAX - 1);

function isConfiguration(value: Configuration | undefined): boolean {
  if (value === undefined) return true;
  const { version, members } = value;
  const sids = members.map(({ sid }) => sid);
  return (
    isCount(version) &&
    members.every(({ type }) => type === "participant" || type === "observer") &&
    members.some(({ type }) => type === "participant") &&
    sids.every((sid, at) => isCount(sid, SID_MAX) && sid > (sids[at - 1] ?? 0))
  );
}

function areRows(rows: readonly LogRow[], prevZxid: number): boolean {
  const areNumbers = rows.every(({ zxid, part, lastZxid }) =>
    [zxid, part, lastZxid].every((value) => isCount(value)),
  );
  return areNumbers && areConsecutive(rows, prevZxid);
}

function isNotification(packet: PacketOf<"NOTIFICATION">): boolean {
  const { leader, zxid, peerEpoch } = packet.vote;
  return (
    STATES.includes(packet.state) &&
    isCount(leader, SID_MAX) &&
    isCount(zxid) &&
    isEpoch(peerEpoch) &&
    isCount(packet.electionEpoch, ELECTION_EPOCH_MAX) &&
    isEpoch(packet.acceptedEpoch) &&
    isConfiguration(packet.configuration)
  );
}

const isLearnerSummary = (theirs: LearnerSummary): boolean =>
  isEpoch(theirs.currentEpoch) &&
  isCount(theirs.lastZxid) &&
  typeof theirs.stagedCursor === "string";

const isInfo = (packet: PacketOf<"FOLLOWERINFO" | "OBSERVERINFO">): boolean =>
  isEpoch(packet.acceptedEpoch) && isLearnerSummary(packet);

const hasRows = (packet: PacketOf<"DIFF" | "PROPOSAL" | "INFORM">): boolean =>
  isCount(packet.prevZxid) &&
  isCount(packet.committedZxid) &&
  areRows(packet.rows, packet.prevZxid);

/** What each type of packet has to hold beside a good epoch. */
const CHECKS: { readonly [T in Packet["type"]]: (packet: PacketOf<T>) => boolean } = {
  NOTIFICATION: isNotification,
  FOLLOWERINFO: isInfo,
  OBSERVERINFO: isInfo,
  LEADERINFO: () => true,
  ACKEPOCH: isLearnerSummary,
  TRUNC: (packet) => isCount(packet.zxid) && isCount(packet.lastZxid),
  DIFF: hasRows,
  PROPOSAL: hasRows,
  INFORM: hasRows,
  SNAP: ({ after, slice, configuration }) =>
    typeof after === "string" &&
    typeof slice.cursor === "string" &&
    slice.cursor !== "" &&
    (slice.zxid === undefined || isCount(slice.zxid)) &&
    isConfiguration(configuration),
  SNAPACK: ({ cursor }) => typeof cursor === "string",
  NEWLEADER: (packet) => isCount(packet.zxid) && isConfiguration(packet.configuration),
  UPTODATE: (packet) => isCount(packet.committedZxid),
  ACK: (packet) => isCount(packet.zxid) && isCount(packet.committedZxid),
  COMMIT: (packet) => isCount(packet.zxid),
  PING: (packet) => isCount(packet.round) && isCount(packet.committedZxid),
  PONG: (packet) => isCount(packet.round),
};

/** Tells whether a packet of another member holds what its type promises, in range. */
export function isWellFormed(packet: Packet): boolean {
  try {
    // A type of a later version has no check.
    const check = CHECKS[packet.type] as ((packet: Packet) => boolean) | undefined;
    const hasEpoch = !("epoch" in packet) || isEpoch(packet.epoch);
    return (
      hasEpoch &&
      isCount(packet.from, SID_MAX) &&
      isCount(packet.configVersion) &&
      isCount(packet.incarnation) &&
      check?.(packet) === true
    );
  } catch (error) {
    // A part that should be an object is none.
    if (error instanceof TypeError) return false;
    throw error;
  }
}
