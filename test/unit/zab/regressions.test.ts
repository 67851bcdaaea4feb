import { describe, expect, test } from "vitest";
import type { Packet } from "../../../src/zab/packet.ts";
import { Cluster, configurationOf, EPOCH, startCluster } from "./cluster.ts";

/** What member 1 says to 3. */
const FROM_1 = { from: 1, to: 3, ensemble: "test", incarnation: 1_001, configVersion: 0 } as const;

const isTo =
  (sid: number) =>
  ({ to }: Packet): boolean =>
    to === sid;

// Each was found by the random walk, under the seed in its title.
describe("bugs that were", () => {
  test("[DY14] seed 107: nobody is called before a quorum has promised the epoch", () => {
    const cluster = new Cluster(configurationOf([1, 2, 3]));
    cluster.start(1, 2, 3);
    cluster.advance(5_000, ({ type }) => type === "ACKEPOCH");
    expect(cluster.sent.some(({ type }) => type === "LEADERINFO")).toBe(true);
    expect(cluster.sent.filter(({ type }) => type === "NEWLEADER")).toEqual([]);
  });

  test("[DY15] seed 60: the promise of an earlier epoch is answered with the present one", () => {
    const cluster = startCluster(1, 2, 3);
    cluster.machine(3).stepDown(cluster.nowMs);
    cluster.run(3);
    cluster.advance(3_000);
    expect(cluster.machine(3).role).toEqual({ type: "leading", epoch: 2 });
    const nothing = { currentEpoch: 0, lastZxid: 0, stagedCursor: "" };
    cluster.deliver({ ...FROM_1, type: "ACKEPOCH", epoch: 1, ...nothing });
    expect(cluster.packets).toMatchObject([{ type: "LEADERINFO", to: 1, epoch: 2 }]);
  });

  test("[DY15] seed 60: also by a leader that has not got its promises yet", () => {
    const cluster = startCluster(1, 2, 3);
    cluster.machine(3).stepDown(cluster.nowMs);
    cluster.run(3);
    cluster.advance(1_000, ({ type }) => type === "ACKEPOCH");
    expect(cluster.machine(3).status().zabState).toBe("discovery");
    cluster.lose(() => true);
    const nothing = { currentEpoch: 0, lastZxid: 0, stagedCursor: "" };
    cluster.deliver({ ...FROM_1, type: "ACKEPOCH", epoch: 1, ...nothing });
    expect(cluster.packets).toMatchObject([{ type: "LEADERINFO", to: 1, epoch: 2 }]);
  });

  test("[BC5] seed 191: a learner that was left alone is tried again with the next batch", () => {
    const cluster = startCluster(1, 2, 3);
    cluster.propose(3, "a");
    cluster.advance(30_000, isTo(1));
    expect(cluster.machine(3).nextTickMs()).toBeUndefined();
    cluster.propose(3, "b");
    cluster.advance(3_000);
    expect(cluster.contentOf(1)).toEqual(["a", "b"]);
  });

  test("[DY7] rows that are trimmed on their way leave no hole", () => {
    const cluster = startCluster(1, 2, 3);
    cluster.propose(3, "a");
    cluster.propose(3, "b");
    cluster.stabilize(isTo(1));
    const { disk } = cluster.member(3);
    disk.trim(disk.lastZxid);
    cluster.advance(3_000);
    expect(cluster.contentOf(1)).toEqual(["a", "b"]);
    expect(cluster.reportsOf(1, "installed").length).toBe(1);
  });

  test("[EL11] seed 5330: who has more than a leader without promises does not join it", () => {
    const cluster = startCluster(1, 2, 3);
    cluster.propose(3, "a");
    cluster.stabilize(isTo(2));
    cluster.stop(1, 3);
    cluster.lose(() => true);
    cluster.start(1);
    cluster.machine(1).stepDown(cluster.nowMs);
    cluster.run(1);
    cluster.lose(() => true);
    const vote = { leader: 2, zxid: 0, peerEpoch: 1 };
    const told = { type: "NOTIFICATION", to: 1, vote, electionEpoch: 1, acceptedEpoch: 5 } as const;
    const packet = { ...FROM_1, ...told, configuration: undefined };
    cluster.deliver({ ...packet, from: 3, state: "FOLLOWING" });
    cluster.deliver({ ...packet, from: 2, state: "LEADING" });
    expect(cluster.machine(1).status().state).toBe("LOOKING");
    const promised = { ...vote, zxid: EPOCH, peerEpoch: 5 };
    cluster.deliver({ ...packet, from: 2, state: "LEADING", vote: promised });
    expect(cluster.machine(1).status().leader).toBe(2);
  });
});

describe("what comes late", () => {
  test("[BC8] the answer to an earlier round does not confirm a later one", () => {
    const cluster = startCluster(1, 2, 3);
    const first = cluster.machine(3).confirm(cluster.nowMs);
    cluster.run(3);
    cluster.stabilize(isTo(3));
    const pongs = cluster.sent.filter(({ type }) => type === "PONG");
    const second = cluster.machine(3).confirm(cluster.nowMs);
    cluster.run(3);
    cluster.lose(() => true);
    for (const pong of pongs) cluster.deliver(pong);
    expect(second).toBeGreaterThan(first);
    expect(cluster.reportsOf(3, "confirmed")).toEqual([{ type: "confirmed", round: first }]);
  });

  test("[BC8] an answer to a round that was never asked for confirms nothing", () => {
    const cluster = startCluster(1, 2, 3);
    cluster.machine(3).confirm(cluster.nowMs);
    cluster.run(3);
    const [ping] = cluster.lose(() => true);
    const leaderIncarnation = ping?.incarnation ?? 0;
    cluster.deliver({ ...FROM_1, type: "PONG", epoch: 1, round: 99, leaderIncarnation });
    expect(cluster.reportsOf(3, "confirmed")).toEqual([]);
  });

  test("[BC10] an acknowledgement of an earlier epoch commits nothing in a later one", () => {
    const cluster = startCluster(1, 2, 3);
    cluster.machine(3).stepDown(cluster.nowMs);
    cluster.run(3);
    cluster.advance(3_000);
    cluster.propose(3, "a");
    cluster.lose(() => true);
    const late = { epoch: 1, zxid: 2 * EPOCH + 1, committedZxid: 0 };
    cluster.deliver({ ...FROM_1, type: "ACK", ...late });
    expect(cluster.machine(3).status().committedZxid).toBe(0);
  });

  test("[BC10] a learner that has more of the epoch than its leader ends the epoch", () => {
    const cluster = startCluster(1, 2, 3);
    const zxid = EPOCH + 7;
    cluster.deliver({ ...FROM_1, type: "ACK", epoch: 1, zxid, committedZxid: 0 });
    expect(cluster.machine(3).status().state).toBe("LOOKING");
  });

  test("[DY3] of two leaders that picked the same epoch one gets a member's promise", () => {
    const cluster = startCluster(1, 2, 3, 4, 5);
    const infoOf = (from: number): Packet => {
      return { ...FROM_1, from, to: 1, incarnation: from, type: "LEADERINFO", epoch: 2 };
    };
    cluster.machine(1).stepDown(cluster.nowMs);
    cluster.run(1);
    cluster.stop(1);
    const { disk } = cluster.member(1);
    disk.hardState = { ...disk.hardState, acceptedEpoch: 2, leader: 4, state: "FOLLOWING" };
    cluster.lose(() => true);
    cluster.start(1);
    cluster.lose(() => true);
    cluster.deliver(infoOf(5));
    expect(cluster.packets.filter(({ type }) => type === "ACKEPOCH")).toEqual([]);
    cluster.lose(() => true);
    cluster.deliver(infoOf(4));
    expect(cluster.packets).toMatchObject([{ type: "ACKEPOCH", to: 4, epoch: 2 }]);
    expect(disk.hardState).toMatchObject({ acceptedEpoch: 2, leader: 4 });
  });

  test("[QC6] an older configuration takes nobody's place", () => {
    const cluster = startCluster(1, 2, 3);
    const next = cluster.proposeConfiguration(3, [2, 3]);
    cluster.advance(2_000);
    cluster.deliver({
      ...FROM_1,
      type: "NOTIFICATION",
      state: "LOOKING",
      vote: { leader: 1, zxid: 0, peerEpoch: 0 },
      electionEpoch: 1,
      acceptedEpoch: 1,
      configuration: configurationOf([1, 2, 3], 1),
    });
    expect(cluster.machine(3).status().configuration).toEqual(next);
  });

  test("[QC6] a packet by a configuration that nobody here knows changes no configuration", () => {
    const cluster = startCluster(1, 2, 3);
    cluster.propose(3, "a");
    cluster.lose(isTo(2));
    cluster.stabilize(isTo(3));
    const acks = cluster.sent.filter(({ type, from }) => type === "ACK" && from === 1);
    cluster.deliver({ ...(acks.at(-1) as Packet), configVersion: 9 * EPOCH });
    expect(cluster.machine(3).status().configuration.version).toBe(0);
    // What it says of its log is as true as before.
    expect(cluster.machine(3).status().committedZxid).toBe(EPOCH + 1);
  });
});
