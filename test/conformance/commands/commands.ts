import type { Part, PartContext } from "../part.ts";
import { runCase } from "../run-case.ts";
import { type Way, waysOf } from "../way.ts";
import { AUTH_CASES } from "./auth-cases.ts";
import type { Cases } from "./case.ts";
import { CommandLine } from "./command-line.ts";
import { EDIT_CASES } from "./edit-cases.ts";
import { HOLD_CASES } from "./hold-cases.ts";
import { LOAD_CASES } from "./load-cases.ts";
import { PROGRAM_CASES } from "./program-cases.ts";
import { SERVER_CASES } from "./server-cases.ts";
import { TREE_CASES } from "./tree-cases.ts";
import { TXN_CASES } from "./txn-cases.ts";

const CASES: Cases = {
  ...TREE_CASES,
  ...EDIT_CASES,
  ...TXN_CASES,
  ...HOLD_CASES,
  ...AUTH_CASES,
  ...SERVER_CASES,
  ...PROGRAM_CASES,
  ...LOAD_CASES,
};

/** Our command line's own commands: they must do the same on every server. */
export const commands: Part = {
  name: "commands",
  async run(context) {
    const [zooKeeper, ...others] = waysOf(context);
    const runAll = async (ways: readonly Way[]): Promise<void> => {
      for (const way of ways) await runWay(way, context);
    };
    // Side by side: mostly they wait. One after the other at the same server: `top` sees all of it.
    await Promise.all([runAll(zooKeeper === undefined ? [] : [zooKeeper]), runAll(others)]);
  },
};

async function runWay(way: Way, context: PartContext): Promise<void> {
  const all = way.connect("");
  let count = 0;
  for (const [title, run] of Object.entries(CASES)) {
    const { path: root } = await all.create("/commands-", "", { sequential: true });
    const cli = new CommandLine("--server", way.server, "--chroot", root);
    const zk = way.connect(root);
    const name = `${way.name}: ${title}`;
    if (await runCase(context, { name, run: () => run({ way, root, cli, zk }) })) count += 1;
    await zk.close();
  }
  await all.close();
  context.print(`${way.name}: ${count} of ${Object.keys(CASES).length}`);
}
