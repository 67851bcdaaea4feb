import type { Zxid } from "../core/zxid.ts";

/** Source: ZooKeeper `ZxidUtils`. */
const ZXIDS_PER_EPOCH: number = 2 ** 32;

/** The last epoch whose zxids a JavaScript number holds exactly. */
export const EPOCH_MAX: number = 2 ** 21 - 1;

/** The epoch in which a zxid was given out. */
export function epochOf(zxid: Zxid): number {
  return Math.floor(zxid / ZXIDS_PER_EPOCH);
}

/** The zxid before the first one of an epoch. Source: ZooKeeper `ZxidUtils.makeZxid`. */
export function startOfEpoch(epoch: number): Zxid {
  return epoch * ZXIDS_PER_EPOCH;
}
