import type { Part, PartContext } from "../part.ts";
import { compareTranscripts, type Difference, printItem } from "./compare.ts";
import { INTENDED, MALFORMED_WRITE } from "./differences.ts";
import { generateScript } from "./generate.ts";
import { REGRESSIONS } from "./regressions.ts";
import { runScript } from "./run-script.ts";
import { operationsCount, type Script } from "./script.ts";
import { shrink } from "./shrink.ts";

/** Scripts that may fail before the fuzzer gives up: more would say the same again. */
const FAILURES_MAX = 5;

/** Random scripts on both servers, until `--operations` requests have been compared. */
export const fuzz: Part = {
  name: "fuzz",
  async run(context) {
    const fuzzer = new Fuzzer(context);
    for (const regression of REGRESSIONS) await fuzzer.check(regression);
    for (let seed = context.seed; fuzzer.operations < context.operations; seed += 1) {
      if (fuzzer.failures >= FAILURES_MAX) break;
      await fuzzer.check(generateScript(seed));
    }
    fuzzer.report();
  },
};

class Fuzzer {
  operations = 0;
  failures = 0;
  #scripts = 0;
  #runs = 0;
  readonly #intended = new Map<string, number>();
  readonly #context: PartContext;
  readonly #startMs = Date.now();

  constructor(context: PartContext) {
    this.#context = context;
  }

  /** Runs a script on both servers; a difference is made small and printed. */
  async check(script: Script): Promise<void> {
    this.#scripts += 1;
    this.operations += operationsCount(script);
    const difference = await this.#differenceOf(script);
    if (difference === undefined) {
      this.#context.passed(script.name);
      return;
    }
    this.failures += 1;
    this.#context.failed(script.name, await this.#describe(script, difference));
  }

  report(): void {
    const seconds = (Date.now() - this.#startMs) / 1_000;
    const rate = Math.round(this.operations / seconds);
    const { print } = this.#context;
    print(`${this.operations} operations in ${this.#scripts} scripts, ${rate} a second`);
    for (const { name, reason } of [...INTENDED, MALFORMED_WRITE]) {
      print(`  ${this.#intended.get(name) ?? 0} times ${name}: ${reason}`);
    }
  }

  async #differenceOf(script: Script): Promise<Difference | undefined> {
    const { zooKeeper, edgekeeper } = this.#context;
    this.#runs += 1;
    const root = `/fuzz-${this.#runs}`;
    const [a, b] = await Promise.all([
      runScript(zooKeeper, script, root),
      runScript(edgekeeper, script, root),
    ]);
    return compareTranscripts(script, a, b, (name) =>
      this.#intended.set(name, (this.#intended.get(name) ?? 0) + 1),
    );
  }

  async #describe(script: Script, difference: Difference): Promise<string> {
    const fails = async (candidate: Script) => (await this.#differenceOf(candidate)) !== undefined;
    const isStable = (await fails(script)) && (await fails(script));
    const small = isStable ? await shrink(script, fails) : script;
    const again = isStable ? ((await this.#differenceOf(small)) ?? difference) : difference;
    return [
      ...(isStable ? [] : ["not always: it depends on the moment"]),
      `step ${again.step}, session ${again.session}, item ${again.index}`,
      ...again.before.slice(-3).map((item) => `  both:       ${printItem(item)}`),
      `  request:    ${JSON.stringify((again.zooKeeper ?? again.edgekeeper)?.request)}`,
      `  ZooKeeper:  ${printItem(again.zooKeeper)}`,
      `  edgekeeper: ${printItem(again.edgekeeper)}`,
      `  script:     ${JSON.stringify(small)}`,
    ].join("\n");
  }
}
