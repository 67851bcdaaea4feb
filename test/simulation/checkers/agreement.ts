import type { Zxid } from "../../../src/core/zxid.ts";
import type { Sid } from "../../../src/zab/configuration.ts";
import type { Checker, History, MemberEvent, MemberRecord, Violation } from "../history.ts";
import { describeTime, describeTxn, describeZxid } from "./describe.ts";
import { indexHistory } from "./index-history.ts";
import { type Row, violation } from "./violation.ts";

const CHECKER = "agreement";
const DIGESTS = { checker: CHECKER, rule: "CG12" };
const PREFIX = { checker: CHECKER, rule: "CG13" };
const LEADERS = { checker: CHECKER, rule: "CG14" };

const EPOCH = 2 ** 32;

/** Checks that members applied one and the same history, made by one leader per epoch. */
export const checkAgreement: Checker = (history) => [
  ...checkDigests(history),
  ...history.members.flatMap((member) => checkPrefix(history, member)),
  ...checkLeaders(history),
  ...history.members.flatMap(checkEpochs),
];

function describeMemberEvent(sid: Sid, event: MemberEvent): Row {
  const what = JSON.stringify(event, (name, value: unknown) => {
    if (name === "atUs" || name === "type" || name === "txns") return undefined;
    return typeof value === "number" && name.endsWith("xid") ? describeZxid(value) : value;
  });
  return [`member ${sid}`, describeTime(event.atUs), event.type, what];
}

function checkDigests({ members }: History): Violation[] {
  const violations: Violation[] = [];
  const first = new Map<
    Zxid,
    { readonly sid: Sid; readonly event: MemberEvent; readonly digest: string }
  >();
  for (const { sid, events } of members) {
    for (const event of events) {
      if (event.type !== "digest") continue;
      const { zxid, digest } = event;
      const other = first.get(zxid);
      if (other === undefined) first.set(zxid, { sid, event, digest });
      if (other === undefined || other.digest === digest) continue;
      const sentence = `two members have different trees at ${describeZxid(zxid)}`;
      const rows = [describeMemberEvent(other.sid, other.event), describeMemberEvent(sid, event)];
      violations.push(violation(DIGESTS, sentence, rows));
    }
  }
  return violations;
}

/** A member applies the txns of the history, each behind the one before it, and takes none back. */
function checkPrefix(history: History, { sid, events }: MemberRecord): Violation[] {
  const violations: Violation[] = [];
  const { positionOf } = indexHistory(history);
  const hashOf = hashes(history);
  /** The position of the last txn that the running instance applied, and the highest of all. */
  let position = 0;
  let highest = 0;
  const complain = (event: MemberEvent, sentence: string, at: number): void => {
    const around = [history.txns[at - 2], history.txns[at - 1]].filter((txn) => txn !== undefined);
    const rows = [describeMemberEvent(sid, event), ...around.map(describeTxn)];
    violations.push(violation(PREFIX, `member ${sid} ${sentence}`, rows));
  };
  const jumpTo = (zxid: Zxid, event: MemberEvent): void => {
    const at = positionOf.get(zxid);
    if (at === undefined)
      complain(event, `stands at ${describeZxid(zxid)}, where nobody was`, highest);
    position = at ?? position;
    highest = Math.max(highest, position);
  };
  for (const event of events) {
    if (event.type === "started") jumpTo(event.appliedZxid, event);
    if (event.type === "installed") jumpTo(event.zxid, event);
    if (event.type === "discarded" && event.zxid < (history.txns[highest - 1]?.header.zxid ?? 0)) {
      complain(event, "cut off what it had applied", highest);
    }
    if (event.type !== "applied") continue;
    for (const { zxid, hash } of event.txns) {
      const at = positionOf.get(zxid);
      if (at !== position + 1) {
        const expected = describeZxid(history.txns[position]?.header.zxid);
        complain(event, `applied ${describeZxid(zxid)}, expected ${expected} next`, position + 1);
      } else if (hashOf.get(zxid) !== hash) {
        complain(event, `applied another txn at ${describeZxid(zxid)} than others`, at);
      }
      position = at ?? position;
    }
    highest = Math.max(highest, position);
  }
  return violations;
}

const hashesOfHistory = new WeakMap<History, ReadonlyMap<Zxid, string>>();

/** The hash of each txn as the member applied it that applied it first. */
function hashes(history: History): ReadonlyMap<Zxid, string> {
  const known = hashesOfHistory.get(history);
  if (known !== undefined) return known;
  const hashOf = new Map<Zxid, { readonly atUs: number; readonly hash: string }>();
  for (const { events } of history.members) {
    for (const event of events) {
      if (event.type !== "applied") continue;
      for (const { zxid, hash } of event.txns) {
        const other = hashOf.get(zxid);
        if (other === undefined || event.atUs < other.atUs)
          hashOf.set(zxid, { atUs: event.atUs, hash });
      }
    }
  }
  const made = new Map([...hashOf].map(([zxid, { hash }]) => [zxid, hash]));
  hashesOfHistory.set(history, made);
  return made;
}

/** An epoch has one established leader, and its zxids are above those of the epochs before. */
function checkLeaders({ members }: History): Violation[] {
  const violations: Violation[] = [];
  const leaders = new Map<number, { readonly sid: Sid; readonly event: MemberEvent }>();
  for (const { sid, events } of members) {
    for (const event of events) {
      if (event.type !== "role" || event.role.type !== "leading") continue;
      const { epoch } = event.role;
      const other = leaders.get(epoch);
      if (other === undefined) leaders.set(epoch, { sid, event });
      if (other === undefined || other.sid === sid) continue;
      const sentence = `epoch ${epoch} has two established leaders`;
      const rows = [describeMemberEvent(other.sid, other.event), describeMemberEvent(sid, event)];
      violations.push(violation(LEADERS, sentence, rows));
    }
  }
  return violations;
}

/** A member keeps the epochs that it promised, and logs nothing of a later one. */
function checkEpochs({ sid, events }: MemberRecord): Violation[] {
  const violations: Violation[] = [];
  let last: Extract<MemberEvent, { readonly type: "started" }> | undefined;
  for (const event of events) {
    if (event.type !== "started") continue;
    const { acceptedEpoch, currentEpoch, lastZxid } = event;
    const isBack =
      last !== undefined &&
      (acceptedEpoch < last.acceptedEpoch || currentEpoch < last.currentEpoch);
    const isAhead = currentEpoch > acceptedEpoch || Math.floor(lastZxid / EPOCH) > acceptedEpoch;
    if (isBack || isAhead) {
      const sentence = isBack
        ? `member ${sid} forgot an epoch that it had promised`
        : `member ${sid} has a log or an epoch ahead of what it promised`;
      const rows = [...(last === undefined ? [] : [last]), event];
      violations.push(
        violation(
          LEADERS,
          sentence,
          rows.map((one) => describeMemberEvent(sid, one)),
        ),
      );
    }
    last = event;
  }
  return violations;
}
