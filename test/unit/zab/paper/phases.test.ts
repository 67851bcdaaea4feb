import { describe, expect, test } from "vitest";
import type { Packet } from "../../../../src/zab/packet.ts";
import { Cluster, configurationOf, EPOCH, startCluster } from "../cluster.ts";
import { rowOf } from "../disk.ts";

/**
 * The steps of the algorithm, DSN 2011 §IV, f.1.1 to l.3.4, and rules of Fast Leader Election, each
 * with the sentence that it is held against. Steps that are rules of their own (DY, BC) are tested
 * beside this folder.
 */

const isFrom =
  (...sids: number[]) =>
  (packet: Packet): boolean =>
    sids.includes(packet.from);
const isOfType =
  (...types: Packet["type"][]) =>
  (packet: Packet): boolean =>
    types.includes(packet.type);

function deliverAll(cluster: Cluster, isWanted: (packet: Packet) => boolean): void {
  for (const packet of cluster.lose(isWanted)) cluster.deliver(packet);
}

/** Three members, of which 1 is lost and 3 has a batch that only 2 has logged beside it. */
function withUncommittedTail(): Cluster {
  const cluster = startCluster(1, 2, 3);
  cluster.propose(3, "old");
  cluster.stabilize(({ to, type }) => to === 1 || type === "ACK");
  cluster.stop(3);
  cluster.lose(() => true);
  return cluster;
}

describe("phase 1, discovery", () => {
  test("[ZB7] f.1.1: a follower tells what it promised last", () => {
    const cluster = startCluster(1, 2, 3);
    cluster.machine(1).stepDown(cluster.nowMs);
    cluster.run(1);
    cluster.stabilize();
    const info = cluster.sent.findLast(isOfType("FOLLOWERINFO"));
    expect(info).toMatchObject({ from: 1, to: 3, acceptedEpoch: 1, currentEpoch: 1 });
  });

  test("[ZB8] f.1.2: an ACKEPOCH tells what is held of which epoch, not what was promised", () => {
    const cluster = withUncommittedTail();
    cluster.start(1);
    cluster.machine(1).needLeader(cluster.nowMs);
    cluster.run(1);
    cluster.advance(3_000, isOfType("NEWLEADER", "DIFF"));
    const ack = cluster.sent.findLast(isOfType("ACKEPOCH"));
    expect(ack).toMatchObject({ from: 1, epoch: 2, currentEpoch: 1, lastZxid: 0 });
  });
});

describe("phase 2, synchronization", () => {
  test("[ZB9] f.2.1: NEWLEADER of an epoch that was not promised is not acknowledged", () => {
    const cluster = new Cluster(configurationOf([1, 2, 3]));
    cluster.start(1, 2, 3);
    cluster.stabilize(isOfType("LEADERINFO"));
    const { ensemble, incarnation } = cluster.sent.find(isFrom(3)) as Packet;
    cluster.lose(() => true);
    const envelope = { from: 3, to: 1, ensemble, incarnation, configVersion: 0 };
    cluster.deliver({
      ...envelope,
      type: "NEWLEADER",
      epoch: 5,
      zxid: 0,
      configuration: undefined,
    });
    expect(cluster.packets.map(({ type }) => type)).toEqual(["FOLLOWERINFO"]);
    expect(cluster.member(1).disk.hardState.currentEpoch).toBe(0);
  });

  test("[ZB10] l.2.2: the initial history is committed whole, when a quorum has all of it", () => {
    const cluster = withUncommittedTail();
    cluster.start(1);
    cluster.machine(2).needLeader(cluster.nowMs);
    cluster.run(2);
    cluster.advance(3_000, isOfType("DIFF"));
    expect(cluster.machine(2).status()).toMatchObject({ state: "LEADING", committedZxid: 0 });
    cluster.advance(3_000);
    expect(cluster.machine(2).status().committedZxid).toBe(EPOCH + 1);
  });

  test("[ZB10] l.2.2: a leader that resumes serves once a quorum has all of its log", () => {
    const cluster = startCluster(1, 2, 3);
    cluster.propose(3, "a");
    cluster.stabilize();
    cluster.propose(3, "tail");
    cluster.lose(() => true);
    cluster.stop(3);
    cluster.start(3);
    cluster.stabilize(({ to, type }) => to !== 3 && type !== "NEWLEADER");
    expect(cluster.machine(3).role.type).toBe("looking");
    cluster.advance(3_000);
    expect(cluster.machine(3).role).toEqual({ type: "leading", epoch: 1 });
    expect(cluster.contentOf(1)).toEqual(["a", "tail"]);
  });

  test("[ZB11] f.2.2: a follower delivers the initial history when it is committed, not before", () => {
    const cluster = withUncommittedTail();
    cluster.start(1);
    cluster.machine(2).needLeader(cluster.nowMs);
    cluster.run(2);
    cluster.advance(3_000, isOfType("UPTODATE", "COMMIT", "PING"));
    expect(cluster.contentOf(1)).toEqual(["old"]);
    expect(cluster.reportsOf(1, "committed")).toEqual([]);
    cluster.advance(3_000);
    expect(cluster.reportsOf(1, "committed")).toEqual([{ type: "committed", zxid: EPOCH + 1 }]);
  });
});

describe("phase 3, broadcast", () => {
  test("[ZB12] l.3.1: a leader proposes in the order of its zxids, all of its own epoch", () => {
    const cluster = startCluster(1, 2, 3);
    const leader = cluster.machine(3);
    expect(() => leader.propose([rowOf(2 * EPOCH + 1, "later")], cluster.nowMs)).toThrow("epoch 1");
    cluster.propose(3, "a");
    expect(() => leader.propose([rowOf(EPOCH + 1, "again")], cluster.nowMs)).toThrow("behind");
  });

  test("[ZB13] f.3.3: what is committed ahead of the log is delivered when the log has it", () => {
    const cluster = startCluster(1, 2, 3);
    cluster.propose(3, "a");
    cluster.propose(3, "b");
    const late = cluster.lose(({ to, type }) => to === 1 && type === "PROPOSAL");
    cluster.stabilize();
    expect(cluster.reportsOf(1, "committed")).toEqual([]);
    cluster.deliver(late[0] as Packet);
    expect(cluster.contentOf(1)).toEqual(["a"]);
    cluster.advance(3_000);
    expect(cluster.reportsOf(1, "committed").at(-1)?.zxid).toBe(EPOCH + 2);
  });

  test("[ZB13] f.3.3: a follower with a tail of its own commits nothing before that is cut", () => {
    const cluster = startCluster(1, 2, 3);
    cluster.propose(3, "tail");
    cluster.stop(3);
    cluster.lose(() => true);
    cluster.machine(2).needLeader(cluster.nowMs);
    cluster.run(2);
    cluster.advance(3_000);
    cluster.propose(2, "new");
    cluster.stabilize();
    cluster.start(3);
    const isHistory = isOfType("TRUNC", "DIFF", "NEWLEADER");
    cluster.advance(500, (packet) => packet.to === 3 && isHistory(packet));
    expect(cluster.member(3).disk.hardState).toMatchObject({ acceptedEpoch: 2, currentEpoch: 1 });
    const commit = cluster.sent.findLast(isOfType("COMMIT")) as Packet;
    cluster.deliver({ ...commit, to: 3 });
    expect(cluster.contentOf(3)).toEqual(["tail"]);
    expect(cluster.reportsOf(3, "committed")).toEqual([]);
  });

  test("[ZB14] l.3.3, l.3.4: a late follower gets epoch, history, NEWLEADER, then what is committed", () => {
    const cluster = new Cluster(configurationOf([1, 2, 3]));
    cluster.start(1, 2);
    cluster.advance(1_000);
    cluster.propose(2, "a");
    cluster.stabilize();
    const before = cluster.sent.length;
    cluster.start(3);
    cluster.stabilize();
    const isToThree = ({ to }: Packet): boolean => to === 3;
    const types = cluster.sent.slice(before).filter(isToThree);
    const told = types.map(({ type }) => type).filter((type) => type !== "NOTIFICATION");
    expect([...new Set(told)]).toEqual(["LEADERINFO", "DIFF", "NEWLEADER", "UPTODATE"]);
    expect(cluster.machine(2).status().acceptedEpoch).toBe(1);
  });
});

describe("Fast Leader Election", () => {
  test("[ZB15] who votes only in a proposed configuration is no candidate", () => {
    const cluster = startCluster(1, 2, 3);
    cluster.start(4, 5);
    cluster.machine(3).admit([4, 5], cluster.nowMs);
    cluster.run(3);
    cluster.advance(2_000);
    cluster.proposeConfiguration(3, [1, 2, 3, 4, 5]);
    deliverAll(cluster, ({ to }) => to !== 1);
    cluster.stop(3);
    cluster.lose(() => true);
    cluster.machine(2).needLeader(cluster.nowMs);
    cluster.run(2);
    cluster.advance(3_000);
    expect(cluster.leader).toBe(2);
    expect(cluster.machine(1).status().configuration.members).toHaveLength(5);
  });

  test("[ZB16] members that cannot agree answer each other once a second", () => {
    const cluster = new Cluster(configurationOf([1, 2, 3]));
    cluster.start(1, 3);
    const worse = cluster.packets.find(({ from, to }) => from === 1 && to === 3) as Packet;
    cluster.lose(() => true);
    for (let count = 0; count < 5; count += 1) cluster.deliver(worse);
    expect(cluster.lose(() => true)).toMatchObject([{ to: 1, type: "NOTIFICATION" }]);
    cluster.nowMs += 1_000;
    cluster.deliver(worse);
    expect(cluster.packets).toMatchObject([{ to: 1, type: "NOTIFICATION" }]);
  });

  test("[ZB16] an observer tells voters nothing that it was not asked", () => {
    const { members } = configurationOf([1, 2, 3]);
    const cluster = new Cluster({
      version: 0,
      members: [...members, { sid: 4, type: "observer" }],
    });
    cluster.start(1, 4);
    const vote = cluster.packets.find(isFrom(1)) as Packet & { type: "NOTIFICATION" };
    cluster.lose(() => true);
    cluster.deliver({ ...vote, to: 4 });
    cluster.deliver({ ...vote, to: 4, electionEpoch: 0 });
    expect(cluster.packets).toEqual([]);
  });

  test("[ZB17] a member that learns a newer configuration while it looks begins a new round", () => {
    const cluster = new Cluster(configurationOf([1, 2, 3]));
    cluster.start(1);
    const own = cluster.packets[0] as Packet & { type: "NOTIFICATION" };
    cluster.lose(() => true);
    const configuration = configurationOf([1, 2], 7);
    cluster.deliver({ ...own, from: 2, to: 1, configVersion: 7, configuration });
    const first = cluster.packets[0];
    expect(first).toMatchObject({ to: 2, type: "NOTIFICATION", electionEpoch: 2 });
    expect(cluster.packets.filter(({ to }) => to === 3)).toEqual([]);
  });

  test("[ZB18] who left every configuration looks for some minutes, then waits to be called", () => {
    const cluster = startCluster(1, 2, 3);
    cluster.proposeConfiguration(3, [1, 2]);
    cluster.advance(300_000);
    expect(cluster.machine(3).status().state).toBe("LOOKING");
    expect(cluster.machine(3).nextTickMs()).toBeUndefined();
  });

  test("[ZB19] a member follows whom it voted for as soon as that one says that it leads", () => {
    const cluster = new Cluster(configurationOf([1, 2, 3, 4, 5]));
    cluster.start(1, 3);
    const word = cluster.packets.find(({ from, to }) => from === 3 && to === 1);
    cluster.lose(() => true);
    cluster.deliver(word as Packet);
    expect(cluster.machine(1).status().state).toBe("LOOKING");
    cluster.deliver({ ...(word as Packet & { type: "NOTIFICATION" }), state: "LEADING" });
    expect(cluster.machine(1).status()).toMatchObject({ state: "FOLLOWING", leader: 3 });
  });
});
