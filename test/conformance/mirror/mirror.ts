import { join } from "node:path";
import { ZooKeeper } from "../../../src/client/index.ts";
import { tcpDial } from "../../../src/client/tcp-transport.ts";
import { ProcessGroup } from "../../e2e/process-group.ts";
import { newFolder } from "../../e2e/service.ts";
import { makeNastyTree } from "../../unit/cli/trees.ts";
import type { Part, PartContext } from "../part.ts";
import { addressOf } from "../servers.ts";

/** Znodes of a tree that takes more than one transaction. */
const MANY = 5_000;

/**
 * A tree goes from ZooKeeper to edgekeeper, over TCP and over WebSocket, into files and back, and
 * never changes on its way.
 */
export const mirror: Part = {
  name: "mirror",
  async run(context) {
    const { zooKeeper, edgekeeper } = context;
    const zk = new ZooKeeper(addressOf(zooKeeper), { dial: tcpDial });
    const { path: root } = await zk.create("/mirror-", "", { sequential: true });
    await makeNastyTree(zk, `${root}/nasty`);
    await makeManyZnodes(zk, `${root}/many`);
    await zk.create(`${root}/container`, "x", { mode: "CONTAINER" });
    await zk.create(`${root}/ttl`, "x", { ttlMs: 3_600_000 });
    await zk.create(`${root}/ephemeral`, "x", { ephemeral: true });

    const folder = newFolder();
    const source = addressOf(zooKeeper) + root;
    const native = `${addressOf(edgekeeper)}${root}-tcp`;
    const service = `${edgekeeper.url ?? `http://${addressOf(edgekeeper)}`}${root}-service`;
    const [json, tar] = [join(folder, "tree.json"), join(folder, "tree.tar")];
    const stations = [
      native,
      ...(edgekeeper.url === undefined ? [] : [service]),
      json,
      tar,
      `${source}-back`,
    ];
    let last = source;
    for (const station of stations) {
      await check(context, ["mirror", last, station]);
      await check(context, ["diff", source, station]);
      last = station;
    }
    await check(context, ["mirror", "--delete", last, source], "created 0, changed 0, deleted 0,");
    await zk.close();
  },
};

async function makeManyZnodes(zk: ZooKeeper, root: string): Promise<void> {
  await zk.create(root, null);
  const names = Array.from({ length: MANY }, (_, index) => `${root}/${index}`);
  await Promise.all(names.map((path) => zk.create(path, path)));
}

/** Runs a command, which has to end with 0. */
async function check(
  { passed, failed }: Pick<PartContext, "passed" | "failed">,
  words: readonly string[],
  told = "",
): Promise<void> {
  const name = words.join(" ");
  const command = new ProcessGroup(process.execPath, { arguments: ["src/cli/main.ts", ...words] });
  try {
    await command.succeed();
    if (command.output.includes(told)) passed(name);
    else failed(name, `expected "${told}", saw ${command.output}`);
  } catch (error) {
    failed(name, String(error));
  }
}
