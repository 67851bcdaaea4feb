import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { CommandError } from "../command-error.ts";
import { compareNodes, type Difference, showDifference } from "../diff/difference.ts";
import { errorText } from "../error-text.ts";
import type { ReadOptions } from "../tree/read-tree.ts";
import { type OpenTree, TreeOpener } from "../tree/open-tree.ts";
import { pairTrees } from "../tree/pair-trees.ts";
import { pathIn } from "../tree/tree-node.ts";
import { parsePlaces, tokensOf } from "../tree/tree-place.ts";

interface DiffOptions {
  readonly acl: boolean;
  readonly includeEphemeral?: boolean;
  readonly toTokenFile?: string;
}

const HELP = `
A tree is https://HOST/PATH, HOST:PORT/PATH, /PATH at --server, FILE.json, FILE.tar, or - for standard
input. What is only in the first one has a -, what is only in the second one a +, and what differs
a ~; paths begin at the roots of the trees. Ephemerals and /zookeeper are left out. The exit code is 0
for the same, 1 for differences, and 2 for trouble, as with diff.

Examples:
  diff zoo1:2181/app https://keeper.example.com/app
  diff /app backup.tar`;

/** Exit codes of diff(1). Source: POSIX.1-2017 `diff`, "EXIT STATUS". */
const DIFFERENT = 1;
const TROUBLE = 2;

/** `diff a b`: what two trees have apart. */
export function diffCommand(context: CommandContext): Command {
  return new Command("diff")
    .description("show how two trees differ: of servers, or in files")
    .argument("<from>", "URL, host:port/path, /path, file.json, file.tar, or -")
    .argument("<to>", "another one")
    .option("--no-acl", "data only")
    .option("--include-ephemeral", "compare ephemerals, too")
    .option("--to-token-file <file>", "the token of the second service")
    .addHelpText("after", HELP)
    .action(async (from: string, to: string, options: DiffOptions) => {
      const count = await diff(context, [from, to], options).catch((error: unknown) => {
        const told = context.signal.aborted ? undefined : errorText(error);
        if (told === undefined) throw error;
        throw new CommandError(told.text, TROUBLE);
      });
      context.output.end();
      if (count > 0) throw new CommandError("", DIFFERENT);
    });
}

/** @returns how many differences there are */
async function diff(
  { connection, output, signal }: CommandContext,
  names: readonly [string, string],
  { acl: withAcl, includeEphemeral: withEphemerals = false, toTokenFile }: DiffOptions,
): Promise<number> {
  const places = parsePlaces(...names);
  const tokens = tokensOf(places, { own: connection.server, toFile: toTokenFile });
  await using opener = new TreeOpener(connection, signal);
  const from = await opener.open(places.from, tokens.from);
  const to = await opener.open(places.to, tokens.to);
  const read: ReadOptions = { withAcl, withEphemerals, signal, onLeftOut: () => undefined };
  using progress = output.progress({ name: "diff", total: await totalOf(from, to), signal });
  let count = 0;
  for await (const pair of pairTrees(from.read(read), to.read(read))) {
    signal.throwIfAborted();
    progress.tick();
    if ("hidden" in pair) {
      const { root } = pair.hidden === "left" ? from : to;
      throw new CommandError(`expected to be allowed to read ${pathIn(root, pair.path)}`);
    }
    const difference: Difference | undefined = compareNodes(pair);
    if (difference === undefined) continue;
    count += 1;
    showDifference(difference, output);
  }
  return count;
}

async function totalOf(...trees: readonly OpenTree[]): Promise<number | undefined> {
  const counts = await Promise.all(trees.map((tree) => tree.count()));
  if (counts.includes(undefined)) return undefined;
  return Math.max(...counts.map((count) => count ?? 0));
}
