import { z } from "@hono/zod-openapi";
import type { AdminData, AdminQuorum } from "../../core/admin-data.ts";
import { formatZxid } from "../../core/zxid.ts";
import { voters } from "../../protocol/admin/quorum-view.ts";
import type { Configuration, Sid } from "../../zab/configuration.ts";
import { badRequest } from "../problem.ts";
import { jsonResponse } from "../response.ts";
import { type Call, defineRoute, type Route } from "../route.ts";
import { ensembleSchema } from "../schemas.ts";

type EnsembleView = z.output<typeof ensembleSchema>;
type MemberView = EnsembleView["members"][number];

/** What is known of one member: what it said, or why it said nothing. */
interface Heard {
  readonly sid: Sid;
  readonly data: AdminData | undefined;
  readonly reason: string | undefined;
}

/** How long a member is waited for, milliseconds. */
const STATUS_WAIT_MS = 2_000;

/** `/ensemble`: who belongs to it, who leads, and who is how far. */
export const ENSEMBLE_ROUTES: readonly Route[] = [
  defineRoute({
    method: "GET",
    path: "/ensemble",
    access: "admin",
    tag: "Ensembles",
    summary: "Look at the members of the ensemble",
    description:
      "Asks each member itself: its state, epochs, zxids, how far it is behind the leader, and the " +
      "last election with its votes. A leader that can't be reached is looked after, so that " +
      "another one may be elected.",
    query: z.object({}),
    answers: {
      200: { description: "as it is", schema: ensembleSchema },
      404: { description: "the namespace is one object" },
    },
    handle: getEnsemble,
  }),
];

async function getEnsemble(call: Call): Promise<Response> {
  const { ensemble } = call.config;
  if (ensemble === undefined) {
    throw badRequest("ENSEMBLE isn't set: a namespace is one object here", { status: 404 });
  }
  let heard = await askAll(call, ensemble);
  if (isDoubtful(heard)) {
    await confirm(call);
    heard = await askAll(call, ensemble);
  }
  const zxid = Math.max(0, ...heard.map(({ data }) => data?.zxid ?? 0));
  return jsonResponse(formatView(viewOf(call, ensemble, heard)), { zxid });
}

/** Asks the members that the variable names, then those that they know besides. */
async function askAll(call: Call, ensemble: Configuration): Promise<readonly Heard[]> {
  const heard = await Promise.all(ensemble.members.map(({ sid }) => ask(call, sid)));
  const asked = new Set(heard.map(({ sid }) => sid));
  const known = heard.flatMap(({ data }) => data?.quorum?.configuration.members ?? []);
  const others = new Set(known.flatMap(({ sid }) => (asked.has(sid) ? [] : [sid])));
  const more = await Promise.all([...others].map((sid) => ask(call, sid)));
  return [...heard, ...more].toSorted((a, b) => a.sid - b.sid);
}

async function ask(call: Call, sid: Sid): Promise<Heard> {
  const { promise: timeout, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error("no answer in time")), STATUS_WAIT_MS);
  try {
    return {
      sid,
      data: await Promise.race([call.member(sid).status([]), timeout]),
      reason: undefined,
    };
  } catch (error) {
    return { sid, data: undefined, reason: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
  }
}

/** Somebody follows a leader that doesn't answer, or leads and may have lost its majority. */
function isDoubtful(heard: readonly Heard[]): boolean {
  const answering = new Set(heard.flatMap(({ sid, data }) => (data === undefined ? [] : [sid])));
  return heard.some(({ data }) => {
    const quorum = data?.quorum;
    if (quorum === undefined || quorum.leader === 0) return false;
    const voting = voters(quorum).map(({ sid }) => sid);
    const inReach = voting.filter((sid) => answering.has(sid)).length;
    return !answering.has(quorum.leader) || inReach <= voting.length / 2;
  });
}

/** Reads something, which only an established leader answers; what comes of it is seen afterwards. */
async function confirm({ shard, identity }: Call): Promise<void> {
  const request = { op: "exists", path: "/", watch: false } as const;
  await shard.call({ identity, request }).catch(() => undefined);
}

function viewOf(call: Call, ensemble: Configuration, heard: readonly Heard[]): EnsembleView {
  const quorums = heard.flatMap(({ data }) => data?.quorum ?? []);
  const leader = quorums.find(
    ({ state, zabState }) => state === "LEADING" && zabState === "broadcast",
  );
  const newest = quorums.toSorted((a, b) => b.configuration.version - a.configuration.version)[0]
    ?.configuration;
  const members = newest?.members ?? ensemble.members;
  const shown = heard.map((one): MemberView => {
    const named = members.find(({ sid }) => sid === one.sid);
    return {
      id: one.sid,
      type: named?.type ?? "none",
      ...(named?.region !== undefined && { region: named.region }),
      ...memberView(one, leader),
    };
  });
  return {
    namespace: call.address.namespace,
    leader: leader?.sid ?? null,
    epoch: leader?.currentEpoch ?? null,
    version: (newest?.version ?? 0).toString(16),
    members: shown,
    election: electionView(quorums),
    warnings: [...new Set(quorums.flatMap(({ warnings }) => warnings))],
  };
}

function memberView(
  { sid, data, reason }: Heard,
  leader: AdminQuorum | undefined,
): Omit<MemberView, "id" | "type"> {
  const quorum = data?.quorum;
  if (data === undefined || quorum === undefined) {
    return { state: "UNREACHABLE", reason: reason ?? "is no member of an ensemble" };
  }
  const learner = leader?.learners.find((one) => one.sid === sid);
  return {
    state: quorum.state,
    zab: quorum.zabState,
    leader: quorum.leader === 0 ? null : quorum.leader,
    acceptedEpoch: quorum.acceptedEpoch,
    currentEpoch: quorum.currentEpoch,
    zxid: formatZxid(data.zxid),
    loggedZxid: formatZxid(quorum.lastZxid),
    committedZxid: formatZxid(quorum.committedZxid),
    ...(learner !== undefined && { lag: learner.lag, synced: learner.isSynced }),
    sessions: data.sessions,
    connections: data.connections,
  };
}

/** The newest one, as the member saw it that counted most votes: one with a quorum stops counting. */
function electionView(quorums: readonly AdminQuorum[]): EnsembleView["election"] {
  const [last] = quorums
    .flatMap(({ election }) => election ?? [])
    .toSorted((a, b) => b.electionEpoch - a.electionEpoch || agreement(b) - agreement(a));
  if (last === undefined) return null;
  return {
    round: last.electionEpoch,
    durationMs: last.durationMs ?? null,
    votes: last.votes.map(({ sid, vote }) => ({
      member: sid,
      votesFor: vote.leader,
      zxid: formatZxid(vote.zxid),
      peerEpoch: vote.peerEpoch,
    })),
  };
}

/** How many votes the winner got. */
function agreement({ votes }: NonNullable<AdminQuorum["election"]>): number {
  const counts = Map.groupBy(votes, ({ vote }) => vote.leader).values();
  return Math.max(0, ...[...counts].map((same) => same.length));
}

/** A member a line: people read this, too. */
function formatView({ members, ...rest }: EnsembleView): string {
  const head = JSON.stringify(rest).slice(0, -1);
  const lines = members.map((member) => `\n  ${JSON.stringify(member)}`);
  return `${head},"members":[${lines.join(",")}]}`;
}
