import type { PlantedBug } from "./planted-bugs.ts";

/** Bugs of replication: election, discovery, synchronization, broadcast. */
export const PLANTED_ZAB_BUGS: readonly PlantedBug[] = [
  {
    name: "commit-on-minority",
    rule: "BC2",
    file: "src/zab/quorum-verifier.ts",
    find: "return count * 2 > this.voters.length;",
    replace: "return count * 2 >= this.voters.length - 1;",
  },
  {
    name: "epoch-used-again",
    rule: "DY1",
    file: "src/zab/discovery.ts",
    find: "Math.max(hardState.acceptedEpoch, ...this.#infos.values()) + 1",
    replace: "Math.max(1, hardState.acceptedEpoch, ...this.#infos.values())",
  },
  {
    name: "vote-by-number",
    rule: "EL1",
    file: "src/zab/vote.ts",
    find: "  if (vote.peerEpoch !== other.peerEpoch) return vote.peerEpoch > other.peerEpoch;\n  if (vote.zxid !== other.zxid) return vote.zxid > other.zxid;\n",
    replace: "",
  },
  {
    name: "tail-not-cut",
    rule: "DY6",
    file: "src/zab/history-intake.ts",
    find: "if (isPossible && endZxid < log.lastZxid) this.#peer.truncate(endZxid);",
    replace: "",
  },
  {
    name: "tail-kept-under-rows",
    rule: "BC3",
    file: "src/zab/batch.ts",
    find: "if (!rows.some((row) => row.lastZxid === lastZxid)) return undefined;",
    replace: "",
  },
  {
    name: "rows-from-behind-the-trim",
    rule: "DY7",
    file: "src/zab/sync-plan.ts",
    find: 'if (lastZxid < log.trimmedZxid) return { type: "SNAP" };',
    replace: 'if (lastZxid < log.trimmedZxid) return { type: "DIFF", zxid: lastZxid };',
  },
  {
    name: "snapshot-not-installed",
    rule: "DY7",
    file: "src/zab/snapshot-intake.ts",
    find: "  peer.install(slice.zxid);",
    replace: "",
  },
  {
    name: "sent-before-logged",
    rule: "DY9",
    file: "src/server/ensemble/ensemble-runner.ts",
    find: "    if (persist.length > 0) {\n",
    replace:
      '    for (const packet of send) this.#options.send(packet.to, [{ type: "zab", packet }]);\n    if (persist.length > 0) {\n',
  },
  {
    name: "committed-before-tail-is-cut",
    rule: "EN4",
    file: "src/storage/recover.ts",
    find: "if (logged.header.zxid > committedZxid) return zxid;",
    replace: "",
  },
];
