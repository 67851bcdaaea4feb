import { Code, failure, type Failure, isFailure, type Outcome } from "../core/keeper-error.ts";
import type { Configuration, LearnerType, Member, Sid } from "./configuration.ts";

/** Where a member may be asked to live. Source: Cloudflare, Durable Objects data location. */
export const REGIONS: readonly string[] = [
  "wnam",
  "enam",
  "sam",
  "weur",
  "eeur",
  "apac",
  "apac-ne",
  "apac-se",
  "oc",
  "afr",
  "me",
];

/** Source: ZooKeeper `myid`. */
const SID_MAX = 255;

/** What an operator wrote down, and what he should think about once more. */
export interface InitialEnsemble {
  /** Version 0. */
  readonly configuration: Configuration;
  readonly warnings: readonly string[];
}

/**
 * Reads the variable that makes a namespace an ensemble: its initial configuration.
 *
 *     "3"                                              members 1, 2 and 3, wherever they start
 *     "1:enam 2:weur 3:apac"                           members with regions
 *     { members: "1:enam 2:weur 3:apac", observers: "4:sam" }     and one that doesn't vote
 *
 * @returns BADARGUMENTS that says what was expected and what was seen; an even number of voting
 * members is allowed, and warned of.
 * Source: ZooKeeper `QuorumPeerConfig.parseDynamicConfig`.
 */
export function parseEnsemble(value: unknown): Outcome<InitialEnsemble> {
  const texts = textsOf(value);
  if (isFailure(texts)) return texts;
  const participants = parseMembers(texts.members, "participant");
  if (isFailure(participants)) return participants;
  const observers = parseMembers(texts.observers, "observer");
  if (isFailure(observers)) return observers;
  if (participants.length === 0) return refuse("at least one voting member", value);
  const members = [...participants, ...observers].toSorted((a, b) => a.sid - b.sid);
  const twice = members.find(({ sid }, index) => members[index + 1]?.sid === sid);
  if (twice !== undefined) return refuse("each id once", `${twice.sid} twice`);
  return { configuration: { version: 0, members }, warnings: warningsOf(participants.length) };
}

/**
 * Says how a configuration differs from the one that an operator wrote down: after the start of an
 * ensemble `/zookeeper/config` rules, and the variable is only remembered. Regions don't count: an
 * object never moves.
 *
 * @returns undefined if both name the same members.
 */
export function findDifference(initial: Configuration, current: Configuration): string | undefined {
  const [seen, expected] = [formatMembers(initial.members), formatMembers(current.members)];
  if (seen === expected) return undefined;
  return `ENSEMBLE names ${seen}, but the ensemble is ${expected} since a reconfiguration`;
}

/** `1, 2, 3 and observers 4`. */
function formatMembers(members: readonly Member[]): string {
  const sidsOf = (wanted: LearnerType): string =>
    members.flatMap(({ sid, type }) => (type === wanted ? [sid] : [])).join(", ");
  const observers = sidsOf("observer");
  return observers === ""
    ? sidsOf("participant")
    : `${sidsOf("participant")}, observers ${observers}`;
}

function textsOf(
  value: unknown,
): Outcome<{ readonly members: string; readonly observers: string }> {
  if (typeof value === "string") return { members: value, observers: "" };
  if (typeof value === "object" && value !== null) {
    const { members, observers = "", ...strangers } = value as Record<string, unknown>;
    const isKnown = Object.keys(strangers).length === 0;
    if (isKnown && typeof members === "string" && typeof observers === "string") {
      return { members, observers };
    }
  }
  return refuse('a text, or a table with the texts "members" and "observers"', value);
}

function parseMembers(text: string, type: LearnerType): Outcome<readonly Member[]> {
  const words = text.split(/[\s,]+/).filter((word) => word !== "");
  const [first = ""] = words;
  if (words.length === 1 && /^\d+$/.test(first) && type === "participant") {
    return membersUpTo(first);
  }
  const members: Member[] = [];
  for (const word of words) {
    const member = parseMember(word, type);
    if (isFailure(member)) return member;
    members.push(member);
  }
  return members;
}

function membersUpTo(text: string): Outcome<readonly Member[]> {
  const size = parseSid(text);
  if (size === undefined) return refuse(`a size from 1 to ${SID_MAX}`, text);
  return Array.from({ length: size }, (_, index) => ({ sid: index + 1, type: "participant" }));
}

function parseMember(word: string, type: LearnerType): Outcome<Member> {
  const [id = "", region, ...rest] = word.split(":");
  const sid = parseSid(id);
  if (sid === undefined || rest.length > 0) {
    return refuse(`members as <id>:<region>, with ids from 1 to ${SID_MAX}`, word);
  }
  if (region === undefined) return { sid, type };
  if (!REGIONS.includes(region)) return refuse(`a region of ${REGIONS.join(", ")}`, region);
  return { sid, type, region };
}

function parseSid(text: string): Sid | undefined {
  const sid = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  return sid >= 1 && sid <= SID_MAX ? sid : undefined;
}

function warningsOf(votersCount: number): readonly string[] {
  if (votersCount % 2 === 1) return [];
  const spare = votersCount / 2 - 1;
  return [
    `ENSEMBLE: ${votersCount} voting members survive the loss of ${spare}, ` +
      `as ${votersCount - 1} would: expected an odd number`,
  ];
}

function refuse(expected: string, seen: unknown): Failure {
  const text = typeof seen === "string" ? seen : JSON.stringify(seen);
  return failure(Code.BADARGUMENTS, `ENSEMBLE: expected ${expected}, saw ${JSON.stringify(text)}`);
}
