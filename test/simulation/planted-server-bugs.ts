import type { PlantedBug } from "./planted-bugs.ts";

/** Bugs of a server that is a member of an ensemble. */
export const PLANTED_SERVER_BUGS: readonly PlantedBug[] = [
  {
    name: "applied-before-committed",
    rule: "OR10",
    file: "src/server/commit.ts",
    find: "const upTo = Math.min(state.persistedZxid, state.committedZxid);",
    replace: "const upTo = state.persistedZxid;",
  },
  {
    name: "read-without-quorum",
    rule: "EN10",
    file: "src/server/ensemble/linearizable-reads.ts",
    find: "if (round === 0 || member.confirmations.isReached(round)) return true;",
    replace: "if (round >= 0) return true;",
  },
  {
    name: "sync-without-leader",
    rule: "EN11",
    file: "src/server/ensemble/linearizable-reads.ts",
    find: 'return request.op === "sync" || isLinearizable',
    replace: "return isLinearizable",
  },
  {
    name: "former-member-obeyed",
    rule: "EN18",
    file: "src/server/ensemble/forwarded.ts",
    find: "if (sessionId === 0 || owners.check(sessionId, { sid, incarnation })) return undefined;",
    replace: "if (owners.check(sessionId, { sid, incarnation }) || sid > 0) return undefined;",
  },
  {
    name: "forwarded-twice",
    rule: "EN6",
    file: "src/server/ensemble/forwarded-streams.ts",
    find: "const requests = batch.requests.slice(seen);",
    replace: "const requests = batch.requests.slice();",
  },
  {
    name: "gap-in-stream",
    rule: "EN6",
    file: "src/server/ensemble/forwarded-streams.ts",
    find: 'if (batch.firstSeq > expectedSeq) return { type: "gap", expectedSeq };',
    replace: "",
  },
  {
    name: "expired-unasked",
    rule: "EN21",
    file: "src/server/ensemble/seen-round.ts",
    find: "if (others.length === 0) endRound(state, member);",
    replace: "endRound(state, member);",
  },
  {
    name: "ages-not-believed",
    rule: "EN21",
    file: "src/server/ensemble/seen-round.ts",
    find: "for (const { id, ageMs } of ages) state.tracker.touch(id, state.nowMs - Math.max(0, ageMs));",
    replace: "void ages;",
  },
];
