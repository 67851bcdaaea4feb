import { join } from "node:path";
import { ProcessGroup } from "../process-group.ts";
import { linesOf, type ProgramRun, type Runtime, STAMPING } from "./program-run.ts";

/** The project's Node: a process for each program, as it stands in a folder. */
export class NodeRuntime implements Runtime {
  readonly name = "Node";
  readonly #folder: string;
  #count = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async run(program: string): Promise<ProgramRun> {
    const stamping = `data:text/javascript,${encodeURIComponent(STAMPING)}`;
    const file = join(this.#folder, `${program}.mts`);
    const group = new ProcessGroup(process.execPath, { arguments: ["--import", stamping, file] });
    const who = `${this.name} ${(this.#count += 1)}`;
    return {
      who,
      get lines() {
        return linesOf(who, group.output);
      },
      die: () => group.kill(),
    };
  }
}
