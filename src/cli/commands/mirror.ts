import { Command, Option } from "commander";
import { isWithin } from "../../core/path.ts";
import type { WritingContext } from "../command-context.ts";
import { CommandError } from "../command-error.ts";
import { mirrorToFile } from "../mirror/mirror-to-file.ts";
import { followToServer, mirrorToServer } from "../mirror/mirror-to-server.ts";
import type { MirrorRun } from "../mirror/mirror-run.ts";
import { TreeOpener } from "../tree/open-tree.ts";
import type { FileFormat } from "../tree/tree-file.ts";
import { isServerPlace, parsePlaces, type ServerPlace, tokensOf } from "../tree/tree-place.ts";

interface MirrorOptions {
  readonly delete?: boolean;
  readonly acl: boolean;
  readonly includeEphemeral?: boolean;
  readonly watch?: boolean;
  readonly format?: FileFormat;
  readonly toTokenFile?: string;
}

const HELP = `
A tree is https://HOST/PATH, HOST:PORT/PATH, /PATH at --server, FILE.json, FILE.tar, or - for standard
input and output. The namespace of a service stands before the path: https://HOST/ns/NAME/PATH.

Only what differs is written, each znode on the condition that nobody has changed it meanwhile; what
was refused is told, and the exit code is 1. Run it again to go on, or to see that nothing is left to
do. Ephemerals and /zookeeper with its quotas are left out. Servers do not tell containers and TTLs from
other znodes, and so they become persistent. Files are written whole or not at all.

With --watch it goes on, and carries every change over as it happens, until Ctrl-C: move your clients
then. No event tells of a changed ACL: those come with the next run.

The token is shown to one service alone: to --server if there is a /PATH, else to the first one. The
other one has --to-token-file.

Examples:
  mirror --dry-run zoo1:2181/app https://keeper.example.com/app
  mirror --watch --delete zoo1:2181/app https://keeper.example.com/app
  mirror /app backup.tar
  mirror backup.tar /app
  mirror /app - | jq .znodes`;

/** `mirror from to`: makes one tree what another one is. */
export function mirrorCommand(context: WritingContext): Command {
  return new Command("mirror")
    .description("copy a tree, or what changed in it: between servers, to and from files")
    .argument("<from>", "URL, host:port/path, /path, file.json, file.tar, or -")
    .argument("<to>", "another one")
    .option("--delete", "delete what the source does not have")
    .option("--no-acl", "leave ACLs as they are; new znodes are open to everybody")
    .option("--include-ephemeral", "copy ephemerals, which become persistent")
    .option("--watch", "go on, with every change as it happens")
    .addOption(new Option("--format <format>", "of -").choices(["json", "tar"]))
    .option("--to-token-file <file>", "the token of the second service")
    .addHelpText("after", HELP)
    .action((from: string, to: string, options: MirrorOptions) =>
      mirror(context, [from, to], options),
    );
}

async function mirror(
  { connection, output, signal }: WritingContext,
  names: readonly [string, string],
  options: MirrorOptions,
): Promise<void> {
  const { acl: withAcl, includeEphemeral: withEphemerals = false } = options;
  const { delete: withDelete = false, watch: isFollowing = false } = options;
  const places = parsePlaces(...names);
  const { from, to } = places;
  if (isFollowing && !(isServerPlace(from) && isServerPlace(to))) {
    throw new CommandError("expected two servers with --watch, saw a file");
  }
  const tokens = tokensOf(places, {
    own: connection.server,
    toFile: options.toTokenFile,
  });
  await using opener = new TreeOpener(connection, signal);
  const run: MirrorRun = { output, signal, withAcl, withEphemerals };
  if (!isServerPlace(to)) {
    const source = await opener.open(from, tokens.from);
    const format = to.type === "file" ? to.format : (options.format ?? "json");
    await mirrorToFile(run, source, { path: to.type === "file" ? to.path : undefined, format });
    return;
  }
  const serverRun = { ...run, withDelete };
  if (!isServerPlace(from)) {
    const source = await opener.openFile(from);
    await mirrorToServer(serverRun, source, await opener.openServer(to, tokens.to));
    return;
  }
  refuseOverlap(from, to);
  const source = await opener.openServer(from, tokens.from);
  const target = await opener.openServer(to, tokens.to);
  await (isFollowing ? followToServer : mirrorToServer)(serverRun, source, target);
}

/** A tree that is copied into itself would have no end. @throws CommandError */
function refuseOverlap(from: ServerPlace, to: ServerPlace): void {
  const [a, b] = [from, to].map((place) => (place.type === "server" ? serverKey(place) : ""));
  if (a !== b || (!isWithin(from.root, to.root) && !isWithin(to.root, from.root))) return;
  throw new CommandError(`expected ${to.name} and ${from.name} to be outside of each other`);
}

function serverKey({ server, namespace = "" }: Extract<ServerPlace, { type: "server" }>): string {
  return `${server} ${namespace}`;
}
