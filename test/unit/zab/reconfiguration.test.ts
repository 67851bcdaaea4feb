import { describe, expect, test } from "vitest";
import type { Configuration } from "../../../src/zab/configuration.ts";
import type { Packet } from "../../../src/zab/packet.ts";
import { Cluster, configurationOf, EPOCH, startCluster } from "./cluster.ts";
import { rowOf } from "./disk.ts";

/** What member `from` says to `to`, of a well-informed member that is not among the machines. */
function notificationOf(
  { from, to }: { readonly from: number; readonly to: number },
  configuration: Configuration,
): Packet {
  return {
    type: "NOTIFICATION",
    from,
    to,
    ensemble: "test",
    incarnation: 7,
    configVersion: configuration.version,
    state: "LOOKING",
    vote: { leader: 0, zxid: 0, peerEpoch: 0 },
    electionEpoch: 1,
    acceptedEpoch: 0,
    configuration,
  };
}

describe("a leader and configurations that others committed", () => {
  test("[QC7] does not count old acknowledgements by a configuration of a later epoch", () => {
    const cluster = startCluster(1, 2, 3, 4, 5);
    cluster.propose(5, "lost");
    // 4 alone has it: no quorum of five, but one of {3, 4, 5}, which a later leader will commit.
    cluster.stabilize(({ to }) => to !== 4 && to !== 5);
    expect(cluster.machine(5).status().committedZxid).toBe(0);
    const next = configurationOf([3, 4, 5], 2 * EPOCH + 1);
    cluster.deliver(notificationOf({ from: 3, to: 5 }, next));
    cluster.stabilize(({ to }) => to !== 4 && to !== 5);
    expect(cluster.reportsOf(5, "committed")).toEqual([]);
    expect(cluster.machine(5).status().state).not.toBe("LEADING");
  });

  test("[QC7] gives up when its own proposal was committed by another leader", () => {
    const cluster = startCluster(1, 2, 3);
    const next = cluster.proposeConfiguration(3, [2, 3]);
    cluster.lose(() => true);
    cluster.deliver(notificationOf({ from: 2, to: 3 }, next));
    expect(cluster.machine(3).status().state).toBe("LOOKING");
    expect(cluster.machine(3).status().configuration).toEqual(next);
  });

  test("[QC9] nothing is proposed behind a configuration that is not committed", () => {
    const cluster = startCluster(1, 2, 3);
    cluster.proposeConfiguration(3, [2, 3]);
    const zxid = EPOCH + 2;
    expect(() => cluster.machine(3).propose([rowOf(zxid, "a")], cluster.nowMs)).toThrow(
      /not committed/,
    );
  });

  test("[QC2] a member that joins counts when it has the history, not before", () => {
    const cluster = startCluster(1, 2, 3);
    cluster.propose(3, "a");
    cluster.stabilize();
    cluster.start(4);
    cluster.lose(() => true);
    const next = cluster.proposeConfiguration(3, [3, 4]);
    // It says that it is there, but nothing reaches it.
    cluster.machine(4).needLeader(cluster.nowMs);
    cluster.run(4);
    cluster.stabilize(({ to }) => to === 4);
    expect(cluster.machine(3).status().configuration.version).toBe(0);
    cluster.advance(2_000);
    expect(cluster.machine(3).status().configuration).toEqual(next);
    expect(cluster.contentOf(4)[0]).toBe("a");
  });

  test("[QC10] members that were let in are synchronised, and count for nothing", () => {
    const cluster = startCluster(1, 2, 3);
    cluster.propose(3, "a");
    cluster.stabilize();
    cluster.machine(3).admit([4], cluster.nowMs);
    cluster.run(3);
    cluster.start(4);
    cluster.advance(2_000);
    expect(cluster.contentOf(4)).toEqual(["a"]);
    expect(cluster.machine(3).status().learners.at(-1)).toMatchObject({ sid: 4, isSynced: true });
    const zxid = cluster.propose(3, "b");
    cluster.stabilize(({ to }) => to === 1 || to === 2);
    expect(cluster.machine(3).status().committedZxid).toBeLessThan(zxid);
  });

  test("[QC10] members that were let in are still let in when the next leader hears of them", () => {
    const cluster = startCluster(1, 2, 3);
    cluster.machine(2).admit([4], cluster.nowMs);
    cluster.run(2);
    cluster.start(4);
    cluster.stop(3);
    cluster.machine(2).needLeader(cluster.nowMs);
    cluster.run(2);
    cluster.advance(5_000);
    expect(cluster.leader).toBe(2);
    cluster.propose(2, "a");
    cluster.advance(5_000);
    expect(cluster.contentOf(4)).toEqual(["a"]);
  });
});

describe("members that are in no configuration", () => {
  // Random walk 29: two that were removed told each other for ever that they look for a leader.
  test("[QC11] don't answer each other's questions without end", () => {
    const cluster = new Cluster(configurationOf([3]));
    cluster.start(1, 2);
    cluster.lose(() => true);
    cluster.deliver(notificationOf({ from: 1, to: 2 }, configurationOf([3])));
    cluster.stabilize();
    expect(cluster.packets).toEqual([]);
    expect(cluster.sent.filter(({ from, to }) => from + to === 3)).toEqual([]);
  });

  test("[QC11] tell each other of a newer configuration", () => {
    const cluster = new Cluster(configurationOf([3]));
    cluster.start(1, 2);
    cluster.deliver(notificationOf({ from: 4, to: 1 }, configurationOf([3, 4], 9)));
    cluster.lose(() => true);
    cluster.deliver(notificationOf({ from: 2, to: 1 }, configurationOf([3])));
    cluster.stabilize();
    expect(cluster.machine(2).status().configuration.version).toBe(9);
  });
});

describe("observers", () => {
  const withObserver = (): Cluster => {
    const { members } = configurationOf([1, 2, 3]);
    const cluster = new Cluster({
      version: 0,
      members: [...members, { sid: 4, type: "observer" }],
    });
    cluster.start(1, 2, 3, 4);
    cluster.advance(2_000);
    return cluster;
  };

  test("[QC1] an ACK of an observer never counts", () => {
    const cluster = withObserver();
    const zxid = cluster.propose(3, "a");
    cluster.lose(() => true);
    cluster.deliver({
      type: "ACK",
      from: 4,
      to: 3,
      ensemble: "test",
      incarnation: 7,
      configVersion: 0,
      epoch: 1,
      zxid,
      committedZxid: 0,
    });
    expect(cluster.machine(3).status().committedZxid).toBeLessThan(zxid);
  });

  test("[QC1] a PONG of an observer never counts", () => {
    const cluster = withObserver();
    const round = cluster.machine(3).confirm(cluster.nowMs);
    cluster.run(3);
    const pings = cluster.lose(() => true);
    const { incarnation } = pings[0] as Packet;
    cluster.deliver({
      type: "PONG",
      from: 4,
      to: 3,
      ensemble: "test",
      incarnation: 7,
      configVersion: 0,
      epoch: 1,
      round,
      leaderIncarnation: incarnation,
    });
    expect(pings.map(({ to }) => to)).toEqual([1, 2]);
    expect(cluster.reportsOf(3, "confirmed")).toEqual([]);
  });

  test("[QC1] an observer is never sent what is not committed", () => {
    const cluster = withObserver();
    const seen: boolean[] = [];
    cluster.onSend = (packet): void => {
      if (packet.to !== 4 || !("rows" in packet)) return;
      seen.push((packet.rows.at(-1)?.lastZxid ?? 0) <= packet.committedZxid);
    };
    for (const content of ["a", "b", "c"]) cluster.propose(3, content);
    cluster.advance(3_000);
    expect(cluster.contentOf(4)).toEqual(["a", "b", "c"]);
    expect(seen.length).toBeGreaterThan(0);
    expect(seen).not.toContain(false);
  });

  test("[QC1] an observer whose leader is gone follows the next one", () => {
    const cluster = withObserver();
    cluster.stop(3);
    cluster.machine(4).needLeader(cluster.nowMs);
    cluster.run(4);
    cluster.advance(5_000);
    expect(cluster.leader).toBe(2);
    expect(cluster.machine(4).role).toMatchObject({ type: "learning", leader: 2 });
  });

  test("[QC2] an observer becomes a voter, and a voter an observer, by a configuration", () => {
    const cluster = withObserver();
    const zxid = cluster.machine(3).status().acceptedEpoch * EPOCH + 1;
    const next: Configuration = {
      version: zxid,
      members: [
        { sid: 1, type: "observer" },
        { sid: 2, type: "participant" },
        { sid: 3, type: "participant" },
        { sid: 4, type: "participant" },
      ],
    };
    cluster.machine(3).propose([rowOf(zxid, next)], cluster.nowMs);
    cluster.run(3);
    cluster.advance(3_000);
    expect(cluster.machine(1).role).toMatchObject({ type: "learning", isObserver: true });
    expect(cluster.machine(4).role).toMatchObject({ type: "learning", isObserver: false });
    const last = cluster.propose(3, "a");
    cluster.stabilize(({ to }) => to === 1 || to === 2);
    expect(cluster.machine(3).status().committedZxid).toBe(last);
  });
});

describe("a leader that steps down", () => {
  test("[EL10] the tail of its epoch is committed in the next one, whose zxids begin anew", () => {
    const cluster = startCluster(1, 2, 3);
    cluster.propose(3, "a");
    cluster.machine(3).stepDown(cluster.nowMs);
    cluster.run(3);
    cluster.advance(3_000);
    const leader = cluster.leader ?? 0;
    const { acceptedEpoch, committedZxid } = cluster.machine(leader).status();
    expect(acceptedEpoch).toBe(2);
    expect(committedZxid).toBe(EPOCH + 1);
    expect(cluster.propose(leader, "b")).toBe(2 * EPOCH + 1);
    cluster.stabilize();
    expect(cluster.contentOf(1)).toEqual(["a", "b"]);
  });

  test("[EL10] in the same turn as its last batch", () => {
    const cluster = startCluster(1, 2, 3);
    cluster.machine(3).propose([rowOf(EPOCH + 1, "a")], cluster.nowMs);
    cluster.machine(3).stepDown(cluster.nowMs);
    cluster.run(3);
    cluster.advance(3_000);
    expect(cluster.leader).toBeDefined();
    for (const sid of [1, 2, 3]) expect(cluster.contentOf(sid)).toEqual(["a"]);
  });
});
