import type { Part } from "../part.ts";
import { addressOf, type Server } from "../servers.ts";
import { compareScript, type Side } from "./compare-script.ts";
import { SCRIPTS } from "./scripts.ts";
import { zkCliCommand } from "./zkcli-command.ts";

/** The scripts of zkCli on both servers, command by command. */
export const zkcli: Part = {
  name: "zkcli",
  async run(context) {
    for (const script of SCRIPTS) {
      await compareScript(script, context, [sideOf(context.zooKeeper), sideOf(context.edgekeeper)]);
    }
  },
};

function sideOf(server: Server): Side {
  return { name: server.name, command: zkCliCommand(addressOf(server)) };
}
