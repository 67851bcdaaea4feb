import type { LearnerType } from "../../../../../src/zab/configuration.ts";
import { Actor } from "../actor.ts";
import type { Stage } from "../stage.ts";
import { type Commands, sidOf, sidsOf } from "./command.ts";

/** `1 2 3 observers 4` as members. */
export function membersIn(
  args: readonly string[],
): { readonly sid: number; readonly type: LearnerType }[] {
  const at = args.indexOf("observers");
  const participants = at === -1 ? args : args.slice(0, at);
  const observers = at === -1 ? [] : args.slice(at + 1);
  return [
    ...participants.map((word) => ({ sid: sidOf(word), type: "participant" as const })),
    ...observers.map((word) => ({ sid: sidOf(word), type: "observer" as const })),
  ].toSorted((a, b) => a.sid - b.sid);
}

function addMembers(stage: Stage, args: readonly string[]): void {
  const members = membersIn(args);
  stage.configuration = { version: 0, members };
  for (const { sid } of members) stage.actors.set(sid, new Actor(sid));
}

/** Puts whoever has nothing to wait for out of memory; the others say for what they wait. */
function putToSleep(stage: Stage, sid: number): void {
  const actor = stage.actor(sid);
  const { state, leader, currentEpoch } = actor.machine.status();
  const nextMs = actor.machine.nextTickMs();
  if (nextMs !== undefined) {
    stage.write(`${sid} stays awake, ${state}: it wants a tick in ${nextMs - stage.nowMs} ms`);
    return;
  }
  actor.peer = undefined;
  actor.isAsleep = true;
  const role = state === "LEADING" || state === "LOOKING" ? state : `${state} ${leader}`;
  stage.write(`${sid} sleeps, ${role} in epoch ${currentEpoch}, and wants no tick`);
}

/** Who is there, and who is awake. */
export const memberCommands: Commands = {
  /** `add-members 1 2 3 observers 4`: the initial configuration. */
  "add-members": addMembers,
  /** `newcomer 4`: exists, in no configuration. */
  newcomer: (stage, args) => {
    for (const sid of args.map(sidOf)) stage.actors.set(sid, new Actor(sid));
  },
  /** `start 1 2 [quiet]` */
  start: (stage, args) => {
    if (args.at(-1) === "quiet") stage.hush();
    for (const sid of sidsOf(
      stage,
      args.filter((word) => word !== "quiet"),
    )) {
      stage.write(`${sid} starts`);
      stage.raise(stage.actor(sid));
    }
  },
  /** Gone from memory, and not reachable before it is started again. */
  crash: (stage, args) => {
    for (const sid of sidsOf(stage, args)) {
      stage.actor(sid).peer = undefined;
      stage.actor(sid).isAsleep = false;
    }
  },
  sleep: (stage, args) => {
    for (const sid of sidsOf(stage, args)) putToSleep(stage, sid);
  },
  wake: (stage, args) => {
    for (const sid of sidsOf(stage, args)) {
      stage.write(`${sid} wakes`);
      stage.raise(stage.actor(sid));
    }
  },
};
