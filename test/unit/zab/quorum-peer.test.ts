import { describe, expect, test } from "vitest";
import type { Packet } from "../../../src/zab/packet.ts";
import { Cluster, configurationOf, EPOCH, startCluster } from "./cluster.ts";
import { rowOf } from "./disk.ts";

const isTo =
  (...sids: number[]) =>
  (packet: Packet): boolean =>
    sids.includes(packet.to);
const isWith =
  (...sids: number[]) =>
  (packet: Packet): boolean =>
    sids.includes(packet.to) || sids.includes(packet.from);
const typesOf = (packets: readonly Packet[]): string[] => packets.map(({ type }) => type);

describe("election", () => {
  test("[EL1] of empty members the one with the greatest sid leads", () => {
    expect(startCluster(1, 2, 3).leader).toBe(3);
  });

  test("[EL1] the longer log of the same epoch wins over the greater sid", () => {
    const cluster = startCluster(1, 2, 3);
    cluster.propose(3, "a");
    cluster.stabilize(isTo(2));
    cluster.stop(3);
    cluster.lose(() => true);
    cluster.machine(2).needLeader(cluster.nowMs);
    cluster.run(2);
    cluster.advance(3_000);
    expect(cluster.leader).toBe(1);
  });

  test("[EL2] an election ends at once when every voter was heard", () => {
    const cluster = new Cluster(configurationOf([1, 2, 3]));
    cluster.start(1, 2, 3);
    cluster.stabilize();
    expect(cluster.leader).toBe(3);
  });

  test("[EL2] an election with a quorum waits 200 ms for a better vote", () => {
    const cluster = new Cluster(configurationOf([1, 2, 3]));
    cluster.start(1, 2);
    cluster.stabilize(isTo(3));
    expect(cluster.leader).toBeUndefined();
    cluster.advance(200, isTo(3));
    expect(cluster.leader).toBe(2);
  });

  test("[EL2] a voter that cannot be reached is not waited for", () => {
    const cluster = new Cluster(configurationOf([1, 2, 3]));
    cluster.start(1, 2);
    cluster.stabilize();
    expect(cluster.leader).toBe(2);
  });

  test("[EL3] a notification of a later round is joined, one of an earlier is answered", () => {
    const cluster = new Cluster(configurationOf([1, 2, 3]));
    cluster.start(1);
    cluster.machine(1).stepDown(cluster.nowMs);
    const first = cluster.sent.find(({ to }) => to === 2);
    cluster.lose(() => true);
    cluster.start(2);
    cluster.lose(() => true);
    cluster.deliver({ ...(first as Packet & { type: "NOTIFICATION" }), electionEpoch: 7 });
    const joined = cluster.packets.filter(({ to }) => to === 3);
    expect(joined).toMatchObject([{ type: "NOTIFICATION", electionEpoch: 7 }]);
    cluster.lose(() => true);
    cluster.deliver(first as Packet);
    expect(cluster.packets).toMatchObject([{ to: 1, state: "LOOKING", electionEpoch: 7 }]);
  });

  test("[EL4] notifications are sent again after 200 ms, then twice as late, up to a minute", () => {
    const cluster = new Cluster(configurationOf([1, 2, 3]));
    cluster.start(1);
    const times: number[] = [];
    for (let count = 0; count < 11; count += 1) {
      const atMs = cluster.machine(1).nextTickMs() ?? 0;
      times.push(atMs - cluster.nowMs);
      cluster.nowMs = atMs;
      cluster.machine(1).tick(atMs);
      cluster.run(1);
    }
    expect(times.slice(0, 4)).toEqual([200, 400, 800, 1_600]);
    expect(times.at(-1)).toBe(60_000);
  });

  test("[EL5] a late joiner takes the standing leader, and no new epoch begins", () => {
    const cluster = new Cluster(configurationOf([1, 2, 3]));
    cluster.start(1, 2);
    cluster.advance(1_000);
    cluster.start(3);
    cluster.advance(1_000);
    expect(cluster.leader).toBe(2);
    expect(cluster.machine(3).role).toMatchObject({ type: "learning", leader: 2, epoch: 1 });
  });

  test("[EL6] a minority elects nobody", () => {
    const cluster = new Cluster(configurationOf([1, 2, 3, 4, 5]));
    cluster.start(1, 2);
    cluster.advance(60_000);
    expect(cluster.machine(1).status().state).toBe("LOOKING");
    expect(cluster.machine(2).status().state).toBe("LOOKING");
  });

  test("[EL7] a follower that wakes is silent and follows", () => {
    const cluster = startCluster(1, 2, 3);
    cluster.stop(1);
    cluster.start(1);
    expect(cluster.packets).toEqual([]);
    expect(cluster.machine(1).nextTickMs()).toBeUndefined();
    expect(cluster.machine(1).role).toMatchObject({ type: "learning", leader: 3, incarnation: 0 });
  });

  test("[EL8] a follower in doubt asks its leader, who is alive, and goes on", () => {
    const cluster = startCluster(1, 2, 3);
    cluster.machine(1).needLeader(cluster.nowMs);
    cluster.run(1);
    cluster.advance(5_000);
    expect(cluster.leader).toBe(3);
    expect(cluster.machine(1).status().acceptedEpoch).toBe(1);
    expect(cluster.machine(1).nextTickMs()).toBeUndefined();
  });

  test("[EL8] a leader that is out of reach twice in a row is given up", () => {
    const cluster = startCluster(1, 2, 3);
    cluster.stop(3);
    cluster.machine(1).needLeader(cluster.nowMs);
    cluster.run(1);
    cluster.stabilize();
    expect(cluster.leader).toBe(2);
  });

  test("[EL8] a leader that says nothing is given up after a second", () => {
    const cluster = startCluster(1, 2, 3);
    cluster.machine(1).needLeader(cluster.nowMs);
    cluster.run(1);
    cluster.advance(999, isTo(3));
    expect(cluster.machine(1).status().state).toBe("FOLLOWING");
    cluster.advance(1, isTo(3));
    expect(cluster.machine(1).status().state).toBe("LOOKING");
  });

  test("[EL9] a follower that hears somebody looking looks after its leader", () => {
    const cluster = startCluster(1, 2, 3);
    cluster.stop(3);
    cluster.machine(1).stepDown(cluster.nowMs);
    cluster.run(1);
    cluster.stabilize();
    expect(cluster.leader).toBe(2);
    expect(cluster.machine(1).role).toMatchObject({ type: "learning", leader: 2, epoch: 2 });
  });
});

describe("discovery and synchronization", () => {
  test("[DY1] the new epoch is behind every epoch that a quorum promised", () => {
    const cluster = new Cluster(configurationOf([1, 2, 3]));
    for (const sid of [1, 2, 3]) cluster.members.get(sid);
    cluster.member(1).disk.hardState = {
      ...cluster.member(1).disk.hardState,
      acceptedEpoch: 6,
      leader: 2,
    };
    cluster.start(1, 2, 3);
    cluster.advance(1_000);
    expect(cluster.machine(3).role).toEqual({ type: "leading", epoch: 7 });
  });

  test("[DY2] a promise is on disk before it is given", () => {
    const cluster = new Cluster(configurationOf([1, 2, 3]));
    const seen: boolean[] = [];
    cluster.onSend = (packet): void => {
      if (packet.type !== "LEADERINFO" && packet.type !== "ACKEPOCH") return;
      seen.push(cluster.member(packet.from).disk.hardState.acceptedEpoch === packet.epoch);
    };
    cluster.start(1, 2, 3);
    cluster.stabilize();
    expect(seen.length).toBeGreaterThan(3);
    expect(seen).not.toContain(false);
  });

  test("[DY3] an epoch that was promised to one leader is not promised to another", () => {
    const cluster = startCluster(1, 2, 3);
    cluster.stop(3);
    const { disk } = cluster.member(1);
    disk.hardState = { ...disk.hardState, acceptedEpoch: 2, leader: 3, state: "LOOKING" };
    cluster.stop(1);
    cluster.start(1);
    cluster.machine(2).stepDown(cluster.nowMs);
    cluster.run(2);
    cluster.advance(1_000);
    expect(cluster.machine(2).role).toEqual({ type: "leading", epoch: 3 });
  });

  test("[DY4] a leader that hears of a later history gives up", () => {
    const cluster = new Cluster(configurationOf([1, 2, 3]));
    cluster.start(1, 2, 3);
    cluster.stabilize(({ type }) => type === "FOLLOWERINFO");
    const notification = cluster.sent.find(({ from, to }) => from === 1 && to === 3);
    const { from, to, ensemble, incarnation, configVersion } = notification as Packet;
    const envelope = { from, to, ensemble, incarnation, configVersion };
    cluster.deliver({
      ...envelope,
      type: "FOLLOWERINFO",
      acceptedEpoch: 1,
      currentEpoch: 1,
      lastZxid: EPOCH + 1,
      stagedCursor: "",
    });
    expect(cluster.machine(3).status().state).toBe("LOOKING");
  });

  test("[DY5] a learner whose end stands in the leader's log gets what follows", () => {
    const cluster = startCluster(1, 2, 3);
    cluster.propose(3, "a");
    cluster.stabilize();
    cluster.stop(1);
    cluster.propose(3, "b");
    cluster.propose(3, "c");
    cluster.advance(20_000);
    const before = cluster.sent.length;
    cluster.start(1);
    cluster.machine(1).needLeader(cluster.nowMs);
    cluster.run(1);
    cluster.stabilize();
    expect(cluster.contentOf(1)).toEqual(["a", "b", "c"]);
    expect(typesOf(cluster.sent.slice(before))).not.toContain("SNAP");
  });

  test("[DY6] a tail that the leader does not have is cut at a batch end", () => {
    const cluster = startCluster(1, 2, 3);
    cluster.propose(3, "a", 3);
    cluster.stabilize();
    cluster.propose(3, "lost", 2);
    cluster.lose(() => true);
    cluster.stop(3);
    cluster.machine(1).needLeader(cluster.nowMs);
    cluster.run(1);
    cluster.advance(3_000);
    cluster.propose(2, "b");
    cluster.stabilize();
    cluster.start(3);
    cluster.advance(3_000);
    expect(cluster.contentOf(3)).toEqual(["a", "b"]);
    expect(cluster.reportsOf(3, "discarded")).toEqual([{ type: "discarded", zxid: EPOCH + 3 }]);
  });

  test("[DY7] who lacks what the log no longer has gets a snapshot, slice by slice", () => {
    const cluster = startCluster(1, 2, 3);
    cluster.stop(1);
    const zxids = ["a", "b", "c", "d", "e"].map((content) => cluster.propose(3, content));
    cluster.advance(20_000);
    cluster.member(3).disk.trim(zxids[4] ?? 0);
    cluster.propose(3, "f");
    cluster.start(1);
    cluster.machine(1).needLeader(cluster.nowMs);
    cluster.run(1);
    cluster.advance(3_000);
    expect(cluster.contentOf(1)).toEqual(["a", "b", "c", "d", "e", "f"]);
    expect(cluster.reportsOf(1, "installed")).toEqual([{ type: "installed", zxid: zxids[4] }]);
    const cursors = cluster.sent.flatMap((packet) => (packet.type === "SNAP" ? packet.after : []));
    expect([...new Set(cursors)]).toEqual(["", "2", "4"]);
  });

  test("[DY8] history and currentEpoch become durable before NEWLEADER is acknowledged", () => {
    const cluster = new Cluster(configurationOf([1, 2, 3]));
    const epochs: number[] = [];
    cluster.onSend = (packet): void => {
      if (packet.type === "ACK")
        epochs.push(cluster.member(packet.from).disk.hardState.currentEpoch);
    };
    cluster.start(1, 2, 3);
    cluster.stabilize();
    expect(new Set(epochs)).toEqual(new Set([1]));
  });

  test("[DY9] a leader that wakes resumes its epoch once a quorum has confirmed it", () => {
    const cluster = startCluster(1, 2, 3);
    cluster.propose(3, "a");
    cluster.stabilize();
    cluster.stop(3);
    cluster.start(3);
    expect(cluster.machine(3).role).toEqual({ type: "looking" });
    cluster.stabilize();
    expect(cluster.machine(3).role).toEqual({ type: "leading", epoch: 1 });
    expect(cluster.propose(3, "b")).toBe(EPOCH + 2);
  });

  test("[DY9] the tail of a leader that resumes is committed with a quorum", () => {
    const cluster = startCluster(1, 2, 3);
    const zxid = cluster.propose(3, "a");
    cluster.lose(() => true);
    cluster.stop(3);
    cluster.start(3);
    cluster.stabilize();
    expect(cluster.machine(1).status().committedZxid).toBe(zxid);
  });

  test("[DY13] a learner that comes back with an empty disk gets everything again", () => {
    const cluster = startCluster(1, 2, 3);
    cluster.propose(3, "a");
    cluster.stabilize();
    cluster.members.delete(1);
    cluster.start(1);
    cluster.member(1).incarnation = 5;
    cluster.start(1);
    cluster.advance(3_000);
    const zxid = cluster.propose(3, "b");
    cluster.stabilize(isTo(2));
    expect(cluster.contentOf(1)).toEqual(["a", "b"]);
    expect(cluster.machine(3).status().committedZxid).toBe(zxid);
  });

  test("[DY13] what it acknowledged before does not count until it has it again", () => {
    const cluster = startCluster(1, 2, 3);
    const zxid = cluster.propose(3, "a");
    cluster.stabilize();
    cluster.stop(2);
    cluster.members.delete(1);
    cluster.start(1);
    cluster.member(1).incarnation = 5;
    cluster.start(1);
    cluster.advance(3_000, ({ type }) => type === "DIFF");
    const learner = cluster.machine(3).status().learners[0];
    expect(learner).toMatchObject({ sid: 1, isSynced: false });
    expect(learner?.lastZxid).toBeLessThan(zxid);
  });

  test("[DY13] a late word of the instance that acknowledged changes nothing", () => {
    const cluster = startCluster(1, 2, 3);
    const late = cluster.sent.findLast(({ type, from }) => type === "ACKEPOCH" && from === 1);
    cluster.propose(3, "a");
    cluster.stabilize();
    cluster.deliver(late as Packet);
    expect(cluster.machine(3).status().learners[0]).toMatchObject({ sid: 1, isSynced: true });
  });

  test("[DY10] a leader that wakes after its epoch follows the one of the next", () => {
    const cluster = startCluster(1, 2, 3);
    cluster.stop(3);
    cluster.machine(1).needLeader(cluster.nowMs);
    cluster.run(1);
    cluster.advance(20_000);
    expect(cluster.leader).toBe(2);
    cluster.start(3);
    cluster.advance(1_000);
    expect(cluster.machine(3).role).toMatchObject({ type: "learning", leader: 2, epoch: 2 });
  });
});

describe("broadcast", () => {
  test("[BC2] a batch is committed when a quorum has it on disk, not before", () => {
    const cluster = startCluster(1, 2, 3);
    const zxid = cluster.propose(3, "a");
    expect(cluster.machine(3).status().committedZxid).toBe(0);
    cluster.stabilize(isTo(2));
    expect(cluster.machine(3).status().committedZxid).toBe(zxid);
    expect(cluster.machine(1).status().committedZxid).toBe(zxid);
  });

  test("[BC3] a proposal that does not follow on the log is answered with what is there", () => {
    const cluster = startCluster(1, 2, 3);
    cluster.propose(3, "a");
    cluster.lose(isTo(1));
    cluster.propose(3, "b");
    const [second] = cluster.lose(isTo(1));
    cluster.deliver(second as Packet);
    expect(cluster.packets.at(-1)).toMatchObject({ type: "FOLLOWERINFO", from: 1, lastZxid: 0 });
    cluster.stabilize();
    expect(cluster.contentOf(1)).toEqual(["a", "b"]);
  });

  test("[BC4] a deposed leader commits nothing", () => {
    const cluster = startCluster(1, 2, 3);
    cluster.machine(1).needLeader(cluster.nowMs);
    cluster.run(1);
    cluster.advance(3_000, isWith(3));
    expect(cluster.machine(2).role).toEqual({ type: "leading", epoch: 2 });
    expect(cluster.machine(3).role).toEqual({ type: "leading", epoch: 1 });
    cluster.propose(3, "late");
    cluster.stabilize();
    expect(cluster.machine(3).status().state).not.toBe("LEADING");
    expect(cluster.reportsOf(3, "committed")).toEqual([]);
    cluster.advance(1_000);
    expect(cluster.contentOf(3)).toEqual([]);
  });

  test("[BC5] what was lost is sent again after a second", () => {
    const cluster = startCluster(1, 2, 3);
    cluster.propose(3, "a");
    cluster.lose(() => true);
    cluster.advance(1_000);
    expect(cluster.contentOf(1)).toEqual(["a"]);
    expect(cluster.machine(1).status().committedZxid).toBe(EPOCH + 1);
  });

  test("[BC5] a COMMIT that was lost is sent again", () => {
    const cluster = startCluster(1, 2, 3);
    const zxid = cluster.propose(3, "a");
    cluster.stabilize(({ type }) => type === "COMMIT");
    expect(cluster.machine(1).status().committedZxid).toBe(0);
    cluster.advance(1_000);
    expect(cluster.machine(1).status().committedZxid).toBe(zxid);
  });

  test("[BC6] a leader without a quorum gives up after ten seconds", () => {
    const cluster = startCluster(1, 2, 3);
    cluster.propose(3, "a");
    cluster.advance(9_999, isWith(3));
    expect(cluster.machine(3).status().state).toBe("LEADING");
    cluster.advance(1, isWith(3));
    expect(cluster.machine(3).status().state).toBe("LOOKING");
  });

  test("[BC7] an idle ensemble sets no timer", () => {
    const cluster = startCluster(1, 2, 3);
    cluster.propose(3, "a");
    cluster.stabilize();
    expect([1, 2, 3].map((sid) => cluster.machine(sid).nextTickMs())).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test("[BC8] a round is confirmed by a quorum that has promised nothing later", () => {
    const cluster = startCluster(1, 2, 3);
    const round = cluster.machine(3).confirm(cluster.nowMs);
    cluster.run(3);
    expect(cluster.reportsOf(3, "confirmed")).toEqual([]);
    cluster.stabilize(isTo(2));
    expect(cluster.reportsOf(3, "confirmed")).toEqual([{ type: "confirmed", round }]);
  });

  test("[BC8] the answer to a round of an earlier life confirms nothing", () => {
    const cluster = startCluster(1, 2, 3);
    cluster.machine(3).confirm(cluster.nowMs);
    cluster.run(3);
    cluster.stabilize(isTo(3));
    const pongs = cluster.sent.filter(({ type }) => type === "PONG");
    cluster.stop(3);
    cluster.start(3);
    cluster.stabilize();
    cluster.machine(3).confirm(cluster.nowMs);
    cluster.run(3);
    cluster.lose(() => true);
    for (const pong of pongs) cluster.deliver(pong);
    expect(pongs.length).toBe(2);
    expect(cluster.reportsOf(3, "confirmed")).toEqual([]);
  });

  test("[BC9] what travels with a batch reaches the learner that it is for", () => {
    const cluster = startCluster(1, 2, 3);
    cluster
      .machine(3)
      .propose([rowOf(EPOCH + 1, "a")], cluster.nowMs, (sid) => (sid === 1 ? "for 1" : undefined));
    cluster.run(3);
    cluster.lose(isTo(1));
    cluster.advance(1_000);
    expect(cluster.reportsOf(1, "learned")).toMatchObject([{ origins: "for 1" }]);
    expect(cluster.reportsOf(2, "learned")[0]).not.toHaveProperty("origins");
  });
});

describe("quorums and configurations", () => {
  test("[QC1] an observer is told what is committed, and counts for nothing", () => {
    const { members } = configurationOf([1, 2, 3]);
    const cluster = new Cluster({
      version: 0,
      members: [...members, { sid: 4, type: "observer" }],
    });
    cluster.start(2, 3, 4);
    cluster.advance(1_000);
    cluster.propose(3, "a");
    cluster.stabilize(isTo(2));
    expect(cluster.machine(3).status().committedZxid).toBe(0);
    expect(cluster.contentOf(4)).toEqual([]);
    cluster.advance(2_000);
    expect(cluster.contentOf(4)).toEqual(["a"]);
    expect(cluster.machine(4).role).toMatchObject({ type: "learning", isObserver: true });
  });

  test("[QC2] a new configuration needs quorums of the old and of the new one", () => {
    const cluster = startCluster(1, 2, 3);
    cluster.start(4, 5);
    cluster.lose(isWith(4, 5));
    const next = cluster.proposeConfiguration(3, [3, 4, 5]);
    cluster.stabilize(isWith(4, 5));
    expect(cluster.machine(3).status().committedZxid).toBe(0);
    cluster.advance(2_000);
    expect(cluster.machine(3).status().configuration).toEqual(next);
    expect(cluster.machine(4).status().configuration).toEqual(next);
  });

  test("[QC3] a proposed configuration in the tail counts also for the next leader", () => {
    const cluster = startCluster(1, 2, 3);
    cluster.proposeConfiguration(3, [1, 4, 5]);
    cluster.stabilize(isTo(3));
    cluster.stop(3);
    cluster.machine(1).needLeader(cluster.nowMs);
    cluster.run(1);
    cluster.advance(30_000);
    expect(cluster.leader).toBeUndefined();
    cluster.start(4);
    cluster.advance(30_000);
    expect(cluster.leader).toBe(4);
    expect(
      cluster
        .machine(1)
        .status()
        .configuration.members.map(({ sid }) => sid),
    ).toEqual([1, 4, 5]);
  });

  test("[QC4] a leader that its own proposal removes commits it and gives up", () => {
    const cluster = startCluster(1, 2, 3);
    cluster.proposeConfiguration(3, [1, 2]);
    cluster.advance(3_000);
    expect(cluster.leader).toBe(2);
    expect(cluster.machine(3).status().state).not.toBe("LEADING");
  });

  test("[QC5] packets of strangers and malformed ones are dropped", () => {
    const cluster = startCluster(1, 2, 3);
    const packet = cluster.sent.find(({ from, to }) => from === 1 && to === 3) as Packet;
    const before = cluster.machine(3).status();
    cluster.machine(3).step({ ...packet, ensemble: "other" }, cluster.nowMs);
    cluster.machine(3).step({ ...packet, from: 9 }, cluster.nowMs);
    cluster.machine(3).step({ ...packet, configVersion: Number.NaN }, cluster.nowMs);
    cluster.machine(3).step({ ...packet, type: "HELLO" } as unknown as Packet, cluster.nowMs);
    expect(cluster.machine(3).takeReady()).toBeUndefined();
    expect(cluster.machine(3).status()).toEqual({ ...before, droppedCount: 4 });
  });

  test("[QC6] a member that slept through a change learns the configuration from others", () => {
    const cluster = startCluster(1, 2, 3);
    cluster.stop(1);
    const next = cluster.proposeConfiguration(3, [2, 3]);
    cluster.advance(20_000);
    cluster.start(1);
    cluster.machine(1).stepDown(cluster.nowMs);
    cluster.run(1);
    cluster.stabilize();
    expect(cluster.machine(1).status().configuration).toEqual(next);
  });
});
