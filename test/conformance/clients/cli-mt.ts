import { poll } from "../../e2e/poll.ts";
import { ProcessGroup } from "../../e2e/process-group.ts";
import type { PartContext } from "../part.ts";
import { addressOf, type Server } from "../servers.ts";

/** Commands of cli_mt, the shell of the C client. */
const COMMANDS: readonly string[] = [
  "create /cli-mt",
  "create /cli-mt",
  "create +e /cli-mt/e",
  "create +s /cli-mt/s-",
  "create2 +es /cli-mt/es-",
  "create +c /cli-mt/container",
  "create +t=100000 /cli-mt/ttl",
  "create +e /cli-mt/e/child",
  "set /cli-mt data",
  "get /cli-mt",
  "ls /cli-mt",
  "ls2 /cli-mt",
  "exists /cli-mt",
  "exists /cli-mt/none",
  "wexists /cli-mt/later",
  "create /cli-mt/later",
  "delete /cli-mt/later",
  "get /cli-mt/none",
  "set /cli-mt/none x",
  "delete /cli-mt",
  "config",
  "delete /cli-mt/e",
  "delete /cli-mt/s-0000000001",
  "delete /cli-mt/es-0000000002",
  "delete /cli-mt/container",
  "delete /cli-mt/ttl",
  "delete /cli-mt",
];

/** The same commands on both servers, output by output. */
export async function compareCli(context: PartContext): Promise<void> {
  const [expected, seen] = await Promise.all([
    runCommands(context.zooKeeper),
    runCommands(context.edgekeeper),
  ]);
  for (const [index, command] of COMMANDS.entries()) {
    const test = `cli_mt: ${command}`;
    const [a, b] = [expected[index], seen[index]];
    if (a === b) context.passed(test);
    else context.failed(test, `  ZooKeeper:  ${a}\n  edgekeeper: ${b}`);
  }
}

/** What each command printed, a line of text each. */
async function runCommands(server: Server): Promise<string[]> {
  // Lines of both streams, at once and in one order.
  const group = new ProcessGroup("bash", {
    arguments: ["-c", `stdbuf -oL /usr/lib/zookeeper/bin/cli_mt ${addressOf(server)} 2>&1`],
  });
  const wait = (text: string) =>
    poll(`cli_mt prints ${text}`, () => (group.output.includes(text) ? true : undefined)).catch(
      (error) => group.fail(error),
    );
  await wait("Got a new session id");
  const ends: number[] = [group.output.length];
  for (const index of COMMANDS.keys()) {
    // Answers come in order: when that of the sync is here, all of the command has been printed.
    group.write(`${COMMANDS[index]}\nsync /mark-${index}\n`);
    await wait(`name = /mark-${index}\n`);
    ends.push(group.output.length);
  }
  group.write("quit\n");
  await group.succeed();
  return COMMANDS.map((_, index) => normalise(group.output.slice(ends[index], ends[index + 1])));
}

function normalise(output: string): string {
  return output
    .split("\n")
    .filter((line) => !/^time = |mark-\d+/.test(line) && line.trim() !== "")
    .map((line) => line.replaceAll(/0x[0-9a-f]+|[cm]time=.*?(?= [cmv]|$)|\bzxid=\S+/g, "?"))
    .map((line) => line.replaceAll(/\b(czxid|mzxid|ctime|mtime|ephemeralOwner)( ?= ?)\S+/g, "$1"))
    .toSorted()
    .join(" | ");
}
