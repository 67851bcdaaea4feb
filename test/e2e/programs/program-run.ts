/** What a program printed, and when: the clock of this machine, whatever it ran in. */
export interface Line {
  readonly atMs: number;
  readonly who: string;
  readonly text: string;
}

/** A program that runs. */
export interface ProgramRun {
  /** Where it runs, and which one of those there it is. */
  readonly who: string;
  /** What it printed so far, in order. */
  readonly lines: readonly Line[];
  /** Ends it as an accident would: it can do nothing more. */
  die(): Promise<void>;
}

/** What can run programs. */
export interface Runtime {
  readonly name: string;
  run(program: string): Promise<ProgramRun>;
}

/** Makes `console.log` say when, so that lines of several runtimes can be put in order. */
export const STAMPING =
  "{ const { log } = console; console.log = (text) => log(`${Date.now()} ${text}`); }";

/** Reads what was printed; a line without a time is something that went wrong. */
export function linesOf(who: string, output: string): readonly Line[] {
  return output
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [, ms, text] = /^(\d{13}) (.*)$/.exec(line) ?? [];
      return { atMs: Number(ms ?? Number.NaN), who, text: text ?? line };
    });
}
