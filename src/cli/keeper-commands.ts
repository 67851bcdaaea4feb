import type { Command } from "commander";
import type {
  CommandContext,
  OneShotContext,
  ShellContext,
  WritingContext,
} from "./command-context.ts";
import { addWatchCommand } from "./commands/add-watch.ts";
import { addauthCommand } from "./commands/addauth.ts";
import { benchCommand } from "./commands/bench.ts";
import { checkCommand } from "./commands/check.ts";
import { closeCommand } from "./commands/close.ts";
import { configCommand } from "./commands/config.ts";
import { connectCommand } from "./commands/connect.ts";
import { cpCommand } from "./commands/cp.ts";
import { createCommand } from "./commands/create.ts";
import { deleteCommand } from "./commands/delete.ts";
import { deleteallCommand } from "./commands/deleteall.ts";
import { delquotaCommand } from "./commands/delquota.ts";
import { diffCommand } from "./commands/diff.ts";
import { duCommand } from "./commands/du.ts";
import { editCommand } from "./commands/edit.ts";
import { electCommand } from "./commands/elect.ts";
import { findCommand } from "./commands/find.ts";
import { fourLetterWordCommand, ruokCommand } from "./commands/four-letter-words.ts";
import { getAclCommand } from "./commands/get-acl.ts";
import { getAllChildrenNumberCommand } from "./commands/get-all-children-number.ts";
import { getEphemeralsCommand } from "./commands/get-ephemerals.ts";
import { getCommand } from "./commands/get.ts";
import { grepCommand } from "./commands/grep.ts";
import { historyCommand } from "./commands/history.ts";
import { listquotaCommand } from "./commands/listquota.ts";
import { lockCommand } from "./commands/lock.ts";
import { lsCommand } from "./commands/ls.ts";
import { mirrorCommand } from "./commands/mirror.ts";
import { mvCommand } from "./commands/mv.ts";
import { printwatchesCommand } from "./commands/printwatches.ts";
import { quitCommand } from "./commands/quit.ts";
import { reconfigCommand } from "./commands/reconfig.ts";
import { redoCommand } from "./commands/redo.ts";
import { removewatchesCommand } from "./commands/removewatches.ts";
import { setAclCommand } from "./commands/set-acl.ts";
import { setCommand } from "./commands/set.ts";
import { setquotaCommand } from "./commands/setquota.ts";
import { statCommand } from "./commands/stat.ts";
import { syncCommand } from "./commands/sync.ts";
import { topCommand } from "./commands/top.ts";
import { treeCommand } from "./commands/tree.ts";
import { txnCommand } from "./commands/txn.ts";
import { versionCommand } from "./commands/version.ts";
import { watchCommand } from "./commands/watch.ts";
import { whoamiCommand } from "./commands/whoami.ts";
import { withDryRun } from "./dry-run/with-dry-run.ts";
import { withFormat } from "./run-command.ts";

/** Commands about znodes, for one-shot use and for the shell. */
const COMMANDS: readonly ((context: CommandContext) => Command)[] = [
  addWatchCommand,
  addauthCommand,
  benchCommand,
  checkCommand,
  configCommand,
  diffCommand,
  duCommand,
  findCommand,
  fourLetterWordCommand,
  getCommand,
  getAclCommand,
  getAllChildrenNumberCommand,
  getEphemeralsCommand,
  grepCommand,
  listquotaCommand,
  lsCommand,
  reconfigCommand,
  ruokCommand,
  statCommand,
  syncCommand,
  treeCommand,
  versionCommand,
  watchCommand,
  whoamiCommand,
];

/** Commands that change znodes: they have `--dry-run`. */
const WRITING_COMMANDS: readonly ((context: WritingContext) => Command)[] = [
  cpCommand,
  createCommand,
  deleteCommand,
  deleteallCommand,
  delquotaCommand,
  editCommand,
  mirrorCommand,
  mvCommand,
  setCommand,
  setAclCommand,
  setquotaCommand,
  txnCommand,
];

/** Commands that give the terminal away, and so are none of the shell. */
const RUNNING_COMMANDS: readonly ((context: CommandContext) => Command)[] = [
  electCommand,
  lockCommand,
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

/** What help puts over commands that are not like the others. */
const GROUPS = {
  writing: "Commands that write, with --dry-run:",
  running: "Commands that take the terminal, or give it to a program:",
  shell: "Commands of the shell:",
} as const;

/** Makes the commands of a run of their own. */
export function oneShotCommands(context: OneShotContext): Command[] {
  const running = [
    ...RUNNING_COMMANDS.map((make) => make(context)),
    withFormat(topCommand(context), context.output),
  ];
  return [
    ...keeperCommands(context),
    ...running.map((command) => command.helpGroup(GROUPS.running)),
  ];
}

function keeperCommands(context: CommandContext): Command[] {
  const commands = [
    ...COMMANDS.map((make) => make(context)),
    ...WRITING_COMMANDS.map((make) => withDryRun(make, context).helpGroup(GROUPS.writing)),
  ];
  return commands
    .toSorted((a, b) => (a.name() < b.name() ? -1 : 1))
    .map((command) => withFormat(command, context.output));
}

/** Makes the commands of one line of the shell. */
export function shellCommands(context: ShellContext): Command[] {
  const ofShell = SHELL_COMMANDS.map((make) => make(context).helpGroup(GROUPS.shell));
  return [...keeperCommands(context), ...ofShell];
}
