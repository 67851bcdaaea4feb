import type { Stage } from "../stage.ts";

/** What a command does to the stage; what happens there is written down by the stage itself. */
export type Command = (stage: Stage, args: readonly string[]) => void;

export type Commands = Readonly<Record<string, Command>>;

/** The members that a command names; `all` and none mean all. */
export function sidsOf(stage: Stage, args: readonly string[]): number[] {
  const isAll = args.length === 0 || args[0] === "all";
  return isAll ? [...stage.actors.keys()] : args.map(sidOf);
}

export function sidOf(word: string | undefined): number {
  const sid = Number(word);
  if (!Number.isInteger(sid)) throw new Error(`expected the number of a member, saw ${word}`);
  return sid;
}
