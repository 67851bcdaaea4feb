import { describe, expect, test } from "vitest";
import type { Packet } from "../../../src/zab/packet.ts";
import { type Cluster, startCluster } from "./cluster.ts";

const isSlice = ({ type }: Packet): boolean => type === "SNAP";
const isTo =
  (...sids: number[]) =>
  (packet: Packet): boolean =>
    sids.includes(packet.to);

/** The cursors behind which slices were sent, of packets behind the first `from` ones. */
const cursorsOf = (cluster: Cluster, from: number): readonly string[] =>
  cluster.sent.slice(from).flatMap((packet) => (packet.type === "SNAP" ? packet.after : []));

const CONTENT = ["a", "b", "c", "d", "e"];

/** Members 1, 2 and 3 with a checkpoint at 2 and 3 that 1 was asleep for; 3 leads. */
function behindCheckpoint(): Cluster {
  const cluster = startCluster(1, 2, 3);
  cluster.stop(1);
  for (const content of CONTENT) cluster.propose(3, content);
  cluster.advance(20_000);
  for (const sid of [2, 3]) {
    const { disk } = cluster.member(sid);
    disk.trim(disk.lastZxid);
  }
  return cluster;
}

function wake(cluster: Cluster, sid: number): void {
  cluster.start(sid);
  cluster.machine(sid).needLeader(cluster.nowMs);
  cluster.run(sid);
}

/** Member 1 received two slices of three when it stopped. */
function halfReceived(): Cluster {
  const cluster = behindCheckpoint();
  wake(cluster, 1);
  cluster.stabilize((packet) => packet.type === "SNAP" && packet.after === "4");
  cluster.stop(1);
  cluster.lose(() => true);
  return cluster;
}

describe("a snapshot that was interrupted", () => {
  test("[DY11] goes on behind the last slice when the learner is back", () => {
    const cluster = halfReceived();
    const before = cluster.sent.length;
    wake(cluster, 1);
    cluster.advance(3_000);
    expect(cluster.contentOf(1)).toEqual(CONTENT);
    expect(cursorsOf(cluster, before)).toEqual(["4"]);
  });

  test("[DY11] is continued by the next leader", () => {
    const cluster = halfReceived();
    cluster.stop(3);
    cluster.machine(2).needLeader(cluster.nowMs);
    cluster.run(2);
    cluster.start(1);
    const before = cluster.sent.length;
    cluster.advance(5_000);
    expect(cluster.leader).toBe(2);
    expect(cluster.contentOf(1)).toEqual(CONTENT);
    expect(cursorsOf(cluster, before)).toEqual(["4"]);
  });

  test("[DY11] begins anew with a leader that can't go on there", () => {
    const cluster = halfReceived();
    const { disk } = cluster.member(1);
    disk.staged = { cursor: "9", rows: disk.staged?.rows ?? [] };
    wake(cluster, 1);
    cluster.advance(3_000);
    expect(cluster.contentOf(1)).toEqual(CONTENT);
  });

  test("[DY11] is forgotten when rows reach the learner's log after all", () => {
    const cluster = startCluster(1, 2, 3);
    cluster.stop(1);
    cluster.propose(3, "a");
    cluster.advance(20_000);
    cluster.member(1).disk.staged = { cursor: "2", rows: [] };
    wake(cluster, 1);
    cluster.stabilize();
    expect(cluster.contentOf(1)).toEqual(["a"]);
    expect(cluster.member(1).disk.staged).toBeUndefined();
  });

  test("[DY11] is forgotten by a learner whose log turns out to be whole", () => {
    const cluster = startCluster(1, 2, 3);
    cluster.member(1).disk.staged = { cursor: "2", rows: [] };
    cluster.stop(1);
    cluster.start(1);
    cluster.machine(3).stepDown(cluster.nowMs);
    cluster.run(3);
    cluster.advance(3_000);
    expect(cluster.member(1).disk.staged).toBeUndefined();
  });

  test("[DY11] is forgotten by a member that leads", () => {
    const cluster = startCluster(1, 2, 3);
    cluster.stop(3);
    cluster.member(3).disk.staged = { cursor: "2", rows: [] };
    cluster.start(3);
    cluster.advance(3_000);
    expect(cluster.leader).toBe(3);
    expect(cluster.member(3).disk.staged).toBeUndefined();
  });

  test("[DY12] counts for nothing: the member votes with what it had before", () => {
    const cluster = halfReceived();
    cluster.start(1);
    cluster.machine(1).stepDown(cluster.nowMs);
    cluster.run(1);
    const votes = cluster.packets.flatMap((packet) =>
      packet.type === "NOTIFICATION" && packet.from === 1 ? packet.vote : [],
    );
    expect(votes).toEqual([
      { leader: 1, zxid: 0, peerEpoch: 1 },
      { leader: 1, zxid: 0, peerEpoch: 1 },
    ]);
  });
});

describe("a snapshot on its way", () => {
  test("[DY11] slices that come twice, or out of turn, are put aside once", () => {
    const cluster = behindCheckpoint();
    wake(cluster, 1);
    cluster.onSend = (packet): void => {
      if (isSlice(packet)) cluster.packets.push(packet);
    };
    cluster.advance(3_000);
    expect(cluster.contentOf(1)).toEqual(CONTENT);
  });

  test("[DY16] takes the place of commits that came in the same moment", () => {
    const cluster = startCluster(1, 2, 3);
    const isCommit = ({ type }: Packet): boolean => ["PING", "COMMIT", "UPTODATE"].includes(type);
    const isLastSlice = (packet: Packet): packet is Packet & { readonly type: "SNAP" } =>
      packet.type === "SNAP" && packet.slice.zxid !== undefined;
    const isKept = (packet: Packet): boolean =>
      isTo(1)(packet) && (isCommit(packet) || isLastSlice(packet));
    cluster.propose(3, CONTENT[0] ?? "");
    cluster.stabilize(isKept);
    for (const content of CONTENT.slice(1)) cluster.propose(3, content);
    cluster.stabilize(isTo(1));
    for (const sid of [2, 3]) {
      const { disk } = cluster.member(sid);
      disk.trim(disk.lastZxid);
    }
    cluster.advance(3_000, isKept);
    const committedZxid = cluster.member(3).disk.lastZxid;
    const slice = cluster.sent.findLast(isLastSlice);
    if (slice === undefined) throw new Error("expected a snapshot to be sent");
    const { reports } = cluster.member(1);
    reports.length = 0;
    const { from, to, ensemble, incarnation, configVersion, epoch } = slice;
    const envelope = { from, to, ensemble, incarnation, configVersion };
    cluster
      .machine(1)
      .step({ ...envelope, type: "COMMIT", epoch, zxid: committedZxid }, cluster.nowMs);
    cluster.machine(1).step(slice, cluster.nowMs);
    cluster.run(1);
    expect(cluster.reportsOf(1, "committed")).toEqual([]);
    expect(cluster.reportsOf(1, "installed")).toEqual([{ type: "installed", zxid: committedZxid }]);
  });

  test("[QC8] brings the configuration that its txns made", () => {
    const cluster = startCluster(1, 2, 3, 4);
    cluster.stop(1);
    for (const content of CONTENT) cluster.propose(4, content);
    const next = cluster.proposeConfiguration(4, [1, 3, 4]);
    cluster.advance(20_000);
    for (const sid of [3, 4]) {
      const { disk } = cluster.member(sid);
      disk.trim(disk.lastZxid);
    }
    wake(cluster, 1);
    // The configuration comes with NEWLEADER, too, but the leader may be lost before that.
    cluster.stabilize((packet) => isTo(1)(packet) && !isSlice(packet));
    expect(cluster.reportsOf(1, "installed").length).toBe(1);
    expect(cluster.member(1).disk.hardState.configuration).toEqual(next);
  });
});
