import { Command } from "commander";
import type { WatcherTypeName, WatchKind } from "../../client/index.ts";
import type { ShellContext } from "../command-context.ts";
import { checkPath } from "../malformed-path.ts";

interface RemoveWatchesOptions {
  readonly c?: true;
  readonly d?: true;
  readonly p?: true;
  readonly r?: true;
}

/** What is told of a watch that is gone. Source: ZooKeeper `Watcher.Event.EventType`. */
const EVENTS: Readonly<Record<WatchKind, string>> = {
  child: "ChildWatchRemoved",
  data: "DataWatchRemoved",
  exist: "DataWatchRemoved",
  persistent: "PersistentWatchRemoved",
  persistentRecursive: "PersistentWatchRemoved",
};

const HELP = `
ZooKeeper ≥ 3.5.

Examples:
  removewatches /config
  removewatches -c /workers`;

/** `removewatches path`. */
export function removewatchesCommand({ connection }: ShellContext): Command {
  return new Command("removewatches")
    .description("end the watches of a znode")
    .argument("<path>")
    .option("-c", "those of children")
    .option("-d", "those of data")
    .option("-p", "persistent ones")
    .option("-r", "persistent recursive ones")
    .option("-a", "all of them, as without an option")
    .option("-l", "has no effect: watches outlive connections here")
    .addHelpText("after", HELP)
    .action(async (path: string, options: RemoveWatchesOptions) => {
      checkPath(path);
      const zk = await connection.client();
      const kinds = await zk.removeWatches(path, typeOf(options));
      for (const type of new Set(kinds.map((kind) => EVENTS[kind]))) {
        connection.notice({ type, path });
      }
    });
}

function typeOf({ c, d, p, r }: RemoveWatchesOptions): WatcherTypeName {
  if (c) return "Children";
  if (d) return "Data";
  if (p) return "Persistent";
  return r ? "PersistentRecursive" : "Any";
}
