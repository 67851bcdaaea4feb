import type { Configuration } from "../../../../../src/zab/configuration.ts";
import { rowOf } from "../../disk.ts";
import type { Stage } from "../stage.ts";
import { type Commands, sidOf } from "./command.ts";
import { membersIn } from "./members.ts";

/** The zxid that the server beside this leader would give out next. */
function nextZxid(stage: Stage, sid: number): number {
  const { lastZxid, acceptedEpoch } = stage.actor(sid).machine.status();
  return Math.max(lastZxid, acceptedEpoch * 2 ** 32) + 1;
}

function propose(stage: Stage, [word, ...txns]: readonly string[]): void {
  const actor = stage.actor(sidOf(word));
  const zxid = nextZxid(stage, actor.sid);
  const row = rowOf(zxid, txns.join(" "), zxid + txns.length - 1);
  actor.machine.propose([row], stage.nowMs);
  stage.carryOut(actor);
}

function reconfig(stage: Stage, [word, ...members]: readonly string[]): void {
  const actor = stage.actor(sidOf(word));
  const version = nextZxid(stage, actor.sid);
  const configuration: Configuration = { version, members: membersIn(members) };
  actor.machine.propose([rowOf(version, configuration)], stage.nowMs);
  stage.carryOut(actor);
}

/** What servers ask their machine for. */
export const workCommands: Commands = {
  /** `propose 3 apple pear`: the leader 3 replicates a batch of two txns. */
  propose,
  /** `reconfig 3 1 2 3 observers 4`: the leader 3 proposes a configuration. */
  reconfig,
  /** `admit 3 4`: the leader 3 lets 4 in, which is in no configuration. */
  admit: (stage, [word, ...sids]) => {
    const actor = stage.actor(sidOf(word));
    actor.machine.admit(sids.map(sidOf), stage.nowMs);
    stage.carryOut(actor);
  },
  /** `confirm 3 2`: the reads of one flush ask twice whether 3 still leads. */
  confirm: (stage, [word, count = "1"]) => {
    const actor = stage.actor(sidOf(word));
    for (let asked = 0; asked < Number(count); asked += 1) {
      stage.write(`${actor.sid} asks in round ${actor.machine.confirm(stage.nowMs)}`);
    }
    stage.carryOut(actor);
  },
  /** A client waits at this member. */
  "need-leader": (stage, [word]) => {
    const actor = stage.actor(sidOf(word));
    actor.machine.needLeader(stage.nowMs);
    stage.carryOut(actor);
  },
  /** A checkpoint: what is committed leaves the log for the tables. */
  trim: (stage, [word]) => {
    const { disk, machine } = stage.actor(sidOf(word));
    disk.trim(machine.status().committedZxid);
  },
};
