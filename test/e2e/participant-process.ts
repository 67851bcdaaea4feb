import { poll } from "./poll.ts";
import { ProcessGroup } from "./process-group.ts";

/** One fact that a participant reported. */
export type Fact = Readonly<Record<string, unknown>>;

/** A participant: a program of `participants/` in an operating-system process of its own. */
export class ParticipantProcess {
  readonly group: ProcessGroup;

  constructor(program: string, options: Readonly<Record<string, string>>) {
    const file = new URL(`participants/${program}.ts`, import.meta.url).pathname;
    const args = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
    this.group = new ProcessGroup(process.execPath, { arguments: [file, ...args] });
  }

  /** What it reported so far, in order. */
  get facts(): readonly Fact[] {
    return this.group.output
      .split("\n")
      .slice(0, -1)
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as Fact);
  }

  /** Values of one field in all facts that have it. */
  all(field: string): readonly unknown[] {
    return this.facts.filter((fact) => field in fact).map((fact) => fact[field]);
  }

  /** Waits until it has reported `count` facts with this field, and returns the last of them. */
  async reported(field: string, count = 1, deadlineMs = 30_000): Promise<unknown> {
    const what = `${this.group.name} reports ${count} times ${field}`;
    return poll(what, () => this.all(field)[count - 1], deadlineMs).catch((error) =>
      this.group.fail(error),
    );
  }
}
