import { readFileSync } from "node:fs";
import { Command } from "commander";
import { isKeeperError, KeeperError, type Reconfiguration } from "../../client/index.ts";
import type { CommandContext } from "../command-context.ts";
import { CommandError } from "../command-error.ts";
import { dataValue } from "../output/data-value.ts";
import { statLines } from "../output/format-stat.ts";

interface ReconfigOptions {
  readonly s?: true;
  readonly v?: string;
  readonly file?: string;
  readonly members?: string;
  readonly add?: string;
  readonly remove?: string;
}

const HELP = `
A member is server.<id>=<host>:<port>:<port>[:participant|:observer][;<client port>]; edgekeeper's have
a region, or "any", where others have a host. Whoever may write /zookeeper/config may do this.

Examples:
  reconfig -add 'server.4=zoo4:2888:3888;2181'
  reconfig -remove 1,2
  reconfig -v 100000000 -file zoo.cfg.dynamic`;

/** `reconfig`: changes the members of the ensemble. */
export function reconfigCommand({ connection, output }: CommandContext): Command {
  return new Command("reconfig")
    .description("change the members of the ensemble")
    .option("-s", "print the stat of the configuration")
    .option("-v <version>", "only if the configuration has this version, hexadecimal")
    .option("--file <file>", "the new members, all of them, as in a dynamic configuration file")
    .option("--members <members>", "the new members, all of them, joined by commas")
    .option("--add <members>", "members that join, joined by commas")
    .option("--remove <ids>", "ids of members that leave, joined by commas")
    .addHelpText("after", HELP)
    .action(async (options: ReconfigOptions) => {
      const change = changeOf(options);
      const zk = await connection.client();
      const { data, text, stat } = await zk.reconfig(change).catch((error: unknown) => {
        // zkCli names no path here.
        throw isKeeperError(error) ? new KeeperError(error.code, { path: "" }) : error;
      });
      output.show({
        value: { ...dataValue(data), ...(options.s ? { stat } : {}) },
        text: ["Committed new configuration:", text, ...(options.s ? statLines(stat) : [])],
        raw: text,
      });
    });
}

/** @throws CommandError in zkCli's words. Source: zkCli `ReconfigCommand`. */
function changeOf({ v, file, members, add, remove }: ReconfigOptions): Reconfiguration {
  const isWhole = file !== undefined || members !== undefined;
  const isPart = add !== undefined || remove !== undefined;
  if (!isWhole && !isPart) {
    throw new CommandError("expected one of -file, -members, -add and -remove, saw none");
  }
  const from = v === undefined ? {} : { fromConfig: versionOf(v) };
  if (isWhole && isPart) {
    throw new CommandError(
      "Can't use -file or -members together with -add or -remove (mixing incremental and " +
        "non-incremental modes is not allowed)",
    );
  }
  if (file !== undefined && members !== undefined) {
    throw new CommandError(
      "Can't use -file and -members together (conflicting non-incremental modes)",
    );
  }
  if (file !== undefined) return { ...from, members: membersIn(file) };
  if (members !== undefined) return { ...from, members: members.toLowerCase().split(",") };
  return {
    ...from,
    joining: add?.toLowerCase().split(","),
    leaving: remove?.toLowerCase().split(","),
  };
}

function versionOf(text: string): number {
  const version = /^-?[0-9a-f]+$/i.test(text) ? Number.parseInt(text, 16) : Number.NaN;
  if (Number.isSafeInteger(version)) return version;
  throw new CommandError("-v must be followed by a long (configuration version)");
}

function membersIn(file: string): string[] {
  try {
    const lines = readFileSync(file, "utf8").split("\n");
    return lines.map((line) => line.trim()).filter((line) => /^(server|group|weight)\./.test(line));
  } catch (error) {
    const seen = error instanceof Error ? error.message : String(error);
    throw new CommandError(`Error processing ${file}: ${seen}`);
  }
}
