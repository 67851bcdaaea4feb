/** The waiting times of replication, ms. Nothing waits where an answer can end the waiting. */

/**
 * An election with a quorum but not every vote waits this long for a better one.
 * Source: ZooKeeper `FastLeaderElection.finalizeWait`.
 */
export const FINALIZE_WAIT_MS = 200;

/** First and longest pause between two notifications. Source: ZooKeeper `FastLeaderElection`. */
export const NOTIFICATION_INTERVAL_MIN_MS = 200;
export const NOTIFICATION_INTERVAL_MAX_MS = 60_000;

/** Discovery and synchronization give up after this. Source: ZooKeeper `initLimit`, 5 × `tickTime`. */
export const INIT_LIMIT_MS = 10_000;

/** A leader without answers of a quorum gives up after this. Source: ZooKeeper `syncLimit`. */
export const SYNC_LIMIT_MS = 10_000;

/** What was not answered is sent again after this. */
export const RESEND_MS = 1_000;

/** A leader that is looked after has to give a sign of life within this. */
export const LEADER_CHECK_MS = 1_000;

/** Bytes of rows in one packet, of rows on their way to one learner, and of a snapshot's slice. */
export const PACKET_BYTES_MAX: number = 2 * 1024 * 1024;
export const IN_FLIGHT_BYTES_MAX: number = 8 * 1024 * 1024;
export const SNAPSHOT_SLICE_BYTES: number = 4 * 1024 * 1024;
