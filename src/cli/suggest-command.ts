/** What other tools, and zkCli before 3.5, call our commands. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  cat: "get",
  exists: "stat",
  ls2: "ls -s",
  put: "set",
  rm: "delete",
  rmr: "deleteall",
  touch: "create",
};

/** Commands that make no sense everywhere; where they do they are not unknown. */
const PLACES: Readonly<Record<string, string>> = {
  close: "it is a command of the shell",
  connect: "it is a command of the shell; here --server says where",
  elect: "it gives the terminal away, so not in the shell",
  history: "it is a command of the shell",
  lock: "it gives the terminal away, so not in the shell",
  printwatches: "it is a command of the shell",
  quit: "it is a command of the shell",
  redo: "it is a command of the shell",
  removewatches: "it is a command of the shell",
  top: "it takes the terminal, so not in the shell",
};

/**
 * Says what an unknown command may be about, where spelling alone does not tell: another tool's name,
 * one in other letters and with dashes, a command that is known elsewhere.
 *
 * @param names - of the commands that are known here.
 */
export function suggestCommand(word: string, names: readonly string[]): string | undefined {
  const bare = bareName(word);
  const meant = OTHER_NAMES[bare] ?? names.find((name) => bareName(name) === bare);
  return meant === undefined ? PLACES[bare] : `Did you mean ${meant}?`;
}

function bareName(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/g, "");
}
