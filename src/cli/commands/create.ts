import { Command } from "commander";
import { Code, type CreateOptions, isKeeperError } from "../../client/index.ts";
import type { WritingContext } from "../command-context.ts";
import { CommandError } from "../command-error.ts";
import { keeperErrorCode } from "../error-text.ts";
import { checkPath } from "../malformed-path.ts";
import { aclOf, integer } from "../option-values.ts";

/** The options of `create`. */
export interface CreateFlags {
  readonly s?: boolean;
  readonly e?: boolean;
  readonly c?: boolean;
  readonly t?: number;
}

/** The longest TTL, milliseconds. Source: ZooKeeper `EphemeralType.TTL`. */
const TTL_MAX = 0xff_ffff_ffff;

const EXAMPLES = `
Examples:
  create /config '{"debug":true}'
  create -e /master "host:2223"
  create -s /tasks/task- "cmd"
  create /secret x digest:ann:ikIaKsbtGweaHnb/jKn7OHqbunM=:cdrwa`;

/** What is said to make a znode. */
export function createSyntax(): Command {
  return new Command("create")
    .description("create a znode")
    .argument("<path>")
    .argument("[data]", "none if absent")
    .argument("[acl]", "scheme:id:perms, joined by commas")
    .option("-s", "sequential: a number is added to the name")
    .option("-e", "ephemeral: it goes with the session")
    .option("-c", "container: it goes after its last child")
    .option("-t <ttl>", "it goes when it was left alone for so long, milliseconds", integer);
}

/** @throws CommandError, MalformedPathError for what makes no sense */
export function createOptionsOf(
  path: string,
  acl: string | undefined,
  flags: CreateFlags,
): CreateOptions {
  refuse(flags);
  const mode = modeOf(flags);
  const options = acl === undefined ? mode : { ...mode, acl: aclOf(acl) };
  checkPath(path, flags.s);
  return options;
}

/** `create path [data] [acl]`. */
export function createCommand({ connection, output }: WritingContext): Command {
  return createSyntax()
    .addHelpText("after", EXAMPLES)
    .action(
      async (
        path: string,
        data: string | undefined,
        acl: string | undefined,
        flags: CreateFlags,
      ) => {
        const options = createOptionsOf(path, acl, flags);
        const zk = await connection.client();
        const created = await zk.create(path, data ?? null, options).catch((error: unknown) => {
          if (isKeeperError(error, Code.INVALIDACL)) output.remark(keeperErrorCode(error));
          throw error;
        });
        if (output.format === "text") output.confirm(`Created ${created.path}`);
        else output.show({ value: created, text: [], raw: `${created.path}\n` });
      },
    );
}

/** @throws CommandError in zkCli's words for flags that exclude each other. */
function refuse({ s, e, c, t }: CreateFlags): void {
  if (c && (e || s)) {
    throw new CommandError(
      "-c cannot be combined with -s or -e. Containers cannot be ephemeral or sequential.",
    );
  }
  if (t !== undefined && e) throw new CommandError("TTLs cannot be used with Ephemeral znodes");
  if (t !== undefined && c) throw new CommandError("TTLs cannot be used with Container znodes");
  if (t !== undefined && (t <= 0 || t > TTL_MAX)) {
    throw new CommandError(`ttl must be positive and cannot be larger than: ${TTL_MAX}`);
  }
}

function modeOf({ s = false, e = false, c, t }: CreateFlags): CreateOptions {
  if (c) return { mode: "CONTAINER" };
  return { ephemeral: e, sequential: s, ...(t === undefined ? {} : { ttlMs: t }) };
}
