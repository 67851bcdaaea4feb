import type { Command } from "commander";
import type { ZooKeeper } from "../../client/index.ts";
import { OPEN_ACL_UNSAFE } from "../../core/acl.ts";
import { CreateMode } from "../../core/create-mode.ts";
import type { MultiCreate } from "../../core/request.ts";
import { formatAcl } from "../../protocol/acl-text.ts";
import type { CommandContext, WritingContext } from "../command-context.ts";
import { dataSize } from "../output/data-size.ts";
import type { Output } from "../output/output.ts";
import type { ServerConnection } from "../server/server-connection.ts";
import { aclValue } from "../tree/acl-value.ts";
import { isSameAcl } from "../tree/tree-node.ts";
import { dryRunClient } from "./dry-run-client.ts";
import type { Pretence } from "./pretended-writes.ts";

/**
 * Gives a command that writes the option `--dry-run`. The command itself knows nothing of it: its
 * clients only pretend, and what they would have written is its result.
 */
export function withDryRun(
  make: (context: WritingContext) => Command,
  context: CommandContext,
): Command {
  const { connection, output } = context;
  const clients = new Map<ZooKeeper, ZooKeeper>();
  const pretending = (zk: ZooKeeper): ZooKeeper => {
    if (!output.isDryRun) return zk;
    const client = clients.get(zk) ?? dryRunClient(zk, (pretence) => tell(pretence, output));
    clients.set(zk, client);
    return client;
  };
  const clientOf = async (from: ServerConnection) => pretending(await from.client());
  const command = make({
    ...context,
    connection: {
      get server() {
        return connection.server;
      },
      client: () => clientOf(connection),
      elsewhere: (...where) => {
        const other = connection.elsewhere(...where);
        return {
          client: () => clientOf(other),
          close: () => other.close(),
          interrupt: () => other.interrupt(),
        };
      },
    },
  });
  return command.option("--dry-run", "only say what would be written").hook("preAction", () => {
    output.isDryRun = command.opts<{ readonly dryRun?: true }>().dryRun === true;
  });
}

function tell(pretence: Pretence, output: Output): void {
  const { write, path, part } = pretence;
  switch (write.op) {
    case "check":
      return;
    case "delete":
      output.tell({ value: { would: "delete", path }, text: [`would delete ${path}`] });
      return;
    case "setACL": {
      const value = { would: "setAcl", path, acl: aclValue(write.acl) };
      output.tell({ value, text: [`would setAcl ${path} ${formatAcl(write.acl)}`] });
      return;
    }
    case "setData": {
      const version = part.op === "setData" ? part.stat.version : 0;
      const value = { would: "set", path, bytes: write.data?.length ?? null, version };
      const details = `${dataSize(write.data)}, version ${version}`;
      output.tell({ value, text: [`would set ${path} (${details})`] });
      return;
    }
    default:
      tellCreate(write, path, output);
  }
}

/** Says what is not as it mostly is: another mode, another ACL. */
function tellCreate({ data, flags, acl }: MultiCreate, path: string, output: Output): void {
  const mode = Object.entries(CreateMode).find(([, number]) => number === flags)?.[0];
  const hasMode = mode !== undefined && flags !== CreateMode.PERSISTENT;
  const hasAcl = !isSameAcl(acl, OPEN_ACL_UNSAFE);
  const details = [
    dataSize(data),
    ...(hasMode ? [mode] : []),
    ...(hasAcl ? [`ACL ${formatAcl(acl)}`] : []),
  ];
  const value = {
    would: "create",
    path,
    bytes: data?.length ?? null,
    ...(hasMode ? { mode } : {}),
    ...(hasAcl ? { acl: aclValue(acl) } : {}),
  };
  output.tell({ value, text: [`would create ${path} (${details.join(", ")})`] });
}
