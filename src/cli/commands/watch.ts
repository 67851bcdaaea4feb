import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { checkPath } from "../malformed-path.ts";
import { runChild } from "../run-child.ts";

interface WatchOptions {
  readonly R?: true;
}

const HELP = `
With a program it runs for each event, one after the other; it finds the event in EDGEKEEPER_EVENT
and EDGEKEEPER_PATH. "Missed" says that the connection was lost: read again.

Examples:
  watch -R /config
  watch /config -- systemctl reload app`;

/** `watch path [-- program]`: streams events until it is interrupted. */
export function watchCommand({ connection, output, signal, interrupts }: CommandContext): Command {
  return new Command("watch")
    .description("print every change of a znode as it comes, or run a program")
    .argument("<path>")
    .argument("[program...]", "behind --")
    .option("-R", "of everything below, too")
    .addHelpText("after", HELP)
    .action(async (path: string, program: readonly string[], { R }: WatchOptions) => {
      checkPath(path);
      const zk = await connection.client();
      for await (const event of zk.watch(path, { recursive: R, signal })) {
        const environment = { EDGEKEEPER_EVENT: event.type, EDGEKEEPER_PATH: event.path };
        if (program.length > 0) await runChild(program, { environment, interrupts });
        else output.show({ value: event, text: [`${event.type} ${event.path}`] });
      }
    });
}
