import type { Part } from "../part.ts";
import { addressOf } from "../servers.ts";
import { compareScript } from "./compare-script.ts";
import { SCRIPTS } from "./scripts.ts";
import { zkCliCommand } from "./zkcli-command.ts";

/** Commands whose output is our own: another program's version, usage. */
const OWN = /^(version|reconfig$|addWatch -m NEVER)/;

/** Says what zkCli takes for granted only at first: it keeps the mode of an earlier addWatch. */
function withMode(command: string): string {
  return command.replace(/^addWatch (?=\/)/, "addWatch -m PERSISTENT_RECURSIVE ");
}

/** The scripts of zkCli in zkCli and in our shell, both against ZooKeeper, command by command. */
export const edgekeeperShell: Part = {
  name: "shell",
  async run(context) {
    const server = addressOf(context.zooKeeper);
    let [same, all] = [0, 0];
    const counting = {
      passed: (test: string) => {
        [same, all] = [same + 1, all + 1];
        context.passed(test);
      },
      failed: (test: string, why: string) => {
        all += 1;
        context.failed(test, why);
      },
    };
    for (const script of SCRIPTS) {
      const commands = script.commands.filter((command) => !OWN.test(command)).map(withMode);
      await compareScript({ ...script, commands }, counting, [
        { name: "zkCli", command: zkCliCommand(server) },
        { name: "edgekeeper", command: shellCommand(server) },
      ]);
    }
    context.print(`edgekeeper shell ${same} of ${all}`);
  },
};

function shellCommand(server: string): readonly string[] {
  return [process.execPath, "src/cli/main.ts", "--server", server, "shell"];
}
