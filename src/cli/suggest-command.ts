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

/**
 * Says which command was meant, where spelling alone does not: by another tool's name for it, or in
 * other letters and with dashes.
 */
export function suggestCommand(word: string, names: readonly string[]): string | undefined {
  const bare = bareName(word);
  return OTHER_NAMES[bare] ?? names.find((name) => bareName(name) === bare);
}

function bareName(name: string): string {
  return name.toLowerCase().replaceAll(/[-_]/g, "");
}
