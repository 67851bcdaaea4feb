import type { Command } from "commander";
import type { CommandContext, ShellContext } from "./command-context.ts";
import { addWatchCommand } from "./commands/add-watch.ts";
import { addauthCommand } from "./commands/addauth.ts";
import { closeCommand } from "./commands/close.ts";
import { configCommand } from "./commands/config.ts";
import { connectCommand } from "./commands/connect.ts";
import { createCommand } from "./commands/create.ts";
import { deleteCommand } from "./commands/delete.ts";
import { deleteallCommand } from "./commands/deleteall.ts";
import { delquotaCommand } from "./commands/delquota.ts";
import { getAclCommand } from "./commands/get-acl.ts";
import { getAllChildrenNumberCommand } from "./commands/get-all-children-number.ts";
import { getEphemeralsCommand } from "./commands/get-ephemerals.ts";
import { getCommand } from "./commands/get.ts";
import { historyCommand } from "./commands/history.ts";
import { listquotaCommand } from "./commands/listquota.ts";
import { lsCommand } from "./commands/ls.ts";
import { printwatchesCommand } from "./commands/printwatches.ts";
import { quitCommand } from "./commands/quit.ts";
import { redoCommand } from "./commands/redo.ts";
import { removewatchesCommand } from "./commands/removewatches.ts";
import { setAclCommand } from "./commands/set-acl.ts";
import { setCommand } from "./commands/set.ts";
import { setquotaCommand } from "./commands/setquota.ts";
import { statCommand } from "./commands/stat.ts";
import { syncCommand } from "./commands/sync.ts";
import { versionCommand } from "./commands/version.ts";
import { whoamiCommand } from "./commands/whoami.ts";
import { withFormat } from "./run-command.ts";

/** Commands about znodes, for one-shot use and for the shell. */
const COMMANDS: readonly ((context: CommandContext) => Command)[] = [
  addWatchCommand,
  addauthCommand,
  configCommand,
  createCommand,
  deleteCommand,
  deleteallCommand,
  delquotaCommand,
  getCommand,
  getAclCommand,
  getAllChildrenNumberCommand,
  getEphemeralsCommand,
  listquotaCommand,
  lsCommand,
  setCommand,
  setAclCommand,
  setquotaCommand,
  statCommand,
  syncCommand,
  versionCommand,
  whoamiCommand,
];

/** Commands that make sense in a shell only. */
const SHELL_COMMANDS: readonly ((context: ShellContext) => Command)[] = [
  closeCommand,
  connectCommand,
  historyCommand,
  printwatchesCommand,
  quitCommand,
  redoCommand,
  removewatchesCommand,
];

/** Makes the commands of one run. */
export function keeperCommands(context: CommandContext): Command[] {
  return COMMANDS.map((make) => withFormat(make(context), context.output));
}

/** Makes the commands of one line of the shell. */
export function shellCommands(context: ShellContext): Command[] {
  return [...keeperCommands(context), ...SHELL_COMMANDS.map((make) => make(context))];
}
