import { checkACL, Perms } from "../../core/acl.ts";
import { Code, failure, isFailure, type Failure, type Outcome } from "../../core/keeper-error.ts";
import { CONFIG_PATH } from "../../core/path.ts";
import type { Prepared, PrepContext } from "../../core/prep.ts";
import type { ReconfigRequest, WriteRequest } from "../../core/request.ts";
import { formatZxid, nextZxid, type Zxid } from "../../core/zxid.ts";
import type { Configuration, Member, Sid } from "../../zab/configuration.ts";
import type { Owner } from "../proposals.ts";
import type { ServerState } from "../server-state.ts";
import { encodeConfiguration, parseMember } from "./configuration-text.ts";
import type { MemberState } from "./member-state.ts";

/**
 * Puts a reconfiguration on its way: a setData of `/zookeeper/config`, in a batch of its own, with
 * nothing else under way until it is applied.
 *
 * Which error wins is part of the protocol: disabled, in progress, version, text, quorum; the right
 * to write comes last [RF8].
 *
 * Source: ZooKeeper `PrepRequestProcessor.pRequest2Txn`, `OpCode.reconfig`.
 */
export function prepareReconfig(
  state: ServerState,
  request: ReconfigRequest,
  context: PrepContext,
  owner?: Owner,
): Prepared {
  const { member, prep, proposals } = state;
  const version = nextZxid(prep.lastZxid);
  const next = member === undefined ? disabled() : judge(state, member, request, version);
  if (isFailure(next)) {
    if (member !== undefined && next.code === Code.NEWCONFIGNOQUORUM) {
      admitJoining(state, member, request, context);
    }
    const refused = prep.refuse(next, context);
    proposals.add(refused, owner);
    return refused;
  }
  const data = encodeConfiguration(next);
  const setData = { op: "setData", path: CONFIG_PATH, data, version: -1 } as const;
  const prepared = prep.prepare(setData, context);
  if (prepared.failure === undefined) proposals.addLone(prepared, owner);
  else proposals.add(prepared, owner);
  return prepared;
}

/** A server that stands alone is as ZooKeeper's with `reconfigEnabled=false`. */
function disabled(): Failure {
  return failure(Code.RECONFIGDISABLED, "the configuration of this service can't be changed");
}

function judge(
  { proposals }: ServerState,
  { configuration, sid, syncedMembers }: MemberState,
  request: ReconfigRequest,
  version: Zxid,
): Outcome<Configuration> {
  if (proposals.hasLone) {
    return failure(Code.RECONFIGINPROGRESS, "another reconfiguration is not committed yet");
  }
  const { curConfigId } = request;
  if (curConfigId !== -1 && curConfigId !== configuration.version) {
    const [expected, seen] = [formatZxid(curConfigId), formatZxid(configuration.version)];
    const message = `expected configuration ${expected}, saw ${seen}`;
    return failure(Code.BADVERSION, message, { path: CONFIG_PATH, expected, seen });
  }
  const members = nextMembers(configuration, request);
  if (isFailure(members)) return members;
  const voters = members.filter(({ type }) => type === "participant");
  if (voters.length === 0) return refuse("at least one participant", "none");
  const synced = syncedMembers && new Set<Sid>([sid, ...syncedMembers()]);
  const ready = voters.filter((voter) => synced?.has(voter.sid) ?? true).length;
  if (ready * 2 <= voters.length) {
    const message = `expected a majority of ${voters.length} participants in sync, saw ${ready}`;
    return failure(Code.NEWCONFIGNOQUORUM, message, { expected: voters.length, seen: ready });
  }
  return { version, members };
}

/**
 * Lets members that nobody knows yet catch up, so that the request may be made again; for those alone
 * who may write the configuration, because it costs a copy of everything.
 *
 * Source: ZooKeeper `Learner.registerWithLeader`, where a server comes by itself.
 */
function admitJoining(
  { tree, outbox }: ServerState,
  { configuration }: MemberState,
  request: ReconfigRequest,
  { ids }: PrepContext,
): void {
  const members = nextMembers(configuration, request);
  const acl = tree.tables.get(CONFIG_PATH)?.acl;
  if (isFailure(members) || acl === undefined || !checkACL(acl, Perms.WRITE, ids)) return;
  const isKnown = ({ sid }: Member): boolean =>
    configuration.members.some((member) => member.sid === sid);
  outbox.admit(members.filter((member) => !isKnown(member)));
}

/** Whole, or by who joins and who leaves; who joins under an id that is there replaces it. */
function nextMembers(
  { members }: Configuration,
  { joiningServers, leavingServers, newMembers }: ReconfigRequest,
): Outcome<readonly Member[]> {
  const isIncremental = hasText(joiningServers) || hasText(leavingServers);
  if (hasText(newMembers) === isIncremental) {
    return refuse(
      "either all members, or who joins and leaves",
      isIncremental ? "both" : "neither",
    );
  }
  const joining = parseMembers(isIncremental ? joiningServers : newMembers);
  if (isFailure(joining)) return joining;
  if (!isIncremental) return joining;
  const leaving = new Set<Sid>();
  for (const word of wordsOf(leavingServers)) {
    if (!/^\d{1,3}$/.test(word)) return refuse("ids of members that leave", word);
    leaving.add(Number(word));
  }
  const isReplaced = ({ sid }: Member): boolean =>
    leaving.has(sid) || joining.some((member) => member.sid === sid);
  return sorted([...members.filter((member) => !isReplaced(member)), ...joining]);
}

function parseMembers(text: string | null): Outcome<readonly Member[]> {
  const members: Member[] = [];
  for (const word of wordsOf(text)) {
    const member = parseMember(word);
    if (member === undefined) {
      return refuse("members as server.<id>=<region>:<port>:<port>[:participant|:observer]", word);
    }
    if (members.some(({ sid }) => sid === member.sid)) {
      return refuse("each id once", `${member.sid} twice`);
    }
    members.push(member);
  }
  return sorted(members);
}

function hasText(text: string | null): text is string {
  return text !== null && text.trim() !== "";
}

function wordsOf(text: string | null): string[] {
  const words = (text ?? "").split(/[,\n]/).map((word) => word.trim());
  // Also what a whole configuration ends with, when it was read and is written back.
  return words.filter((word) => word !== "" && !word.startsWith("version="));
}

function sorted(members: readonly Member[]): readonly Member[] {
  return members.toSorted((one, other) => one.sid - other.sid);
}

function refuse(expected: string, seen: string): Failure {
  return failure(Code.BADARGUMENTS, `expected ${expected}, saw ${seen}`, { seen });
}

/**
 * In an ensemble the data of `/zookeeper/config` decides who votes: only a reconfiguration, which is
 * judged, may write it, whatever rights a client has [RF9].
 */
export function findConfigWrite(request: WriteRequest, { ids }: PrepContext): Failure | undefined {
  if (!ids.some(({ scheme }) => scheme === "super")) return undefined;
  const ops = request.op === "multi" ? request.ops : [request];
  const isHit = ops.some((op) => op.op === "setData" && op.path === CONFIG_PATH);
  if (!isHit) return undefined;
  const message = `expected a reconfig of ${CONFIG_PATH}, saw a setData`;
  return failure(Code.BADARGUMENTS, message, { path: CONFIG_PATH });
}
