import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CLASSPATH, fourLetterWord } from "../conformance/servers.ts";
import { freePort } from "../e2e/free-port.ts";
import { poll } from "../e2e/poll.ts";
import { ProcessGroup } from "../e2e/process-group.ts";
import { newFolder } from "../e2e/service.ts";
import type { Target } from "./native-rounds.ts";

const START_MS = 60_000;

/** Ports of one member, all on loopback. */
interface Ports {
  readonly client: number;
  readonly quorum: number;
  readonly election: number;
}

/**
 * Apache ZooKeeper of Debian's packages as an ensemble of three servers, with empty trees, each write
 * forced to the disk; ready once a leader and two followers serve. Its clients are spread over all.
 */
export async function startZooKeeperEnsemble(): Promise<
  Target & { readonly stop: () => Promise<void> }
> {
  const members: Ports[] = [];
  for (let sid = 1; sid <= 3; sid += 1) {
    members.push({
      client: await freePort(),
      quorum: await freePort(),
      election: await freePort(),
    });
  }
  const groups = members.map((_, index) => startMember(members, index));
  const modes = async (): Promise<true | undefined> => {
    const texts = await Promise.all(
      members.map(({ client }) => fourLetterWord("127.0.0.1", client, "srvr")),
    );
    return texts.every((text) => /Mode: (leader|follower)/.test(text ?? "")) ? true : undefined;
  };
  await poll("three ZooKeeper servers serve", modes, START_MS);
  return {
    name: "ZooKeeper x3",
    ports: members.map(({ client }) => client),
    pids: groups.map(({ pid }) => pid),
    async stop() {
      for (const group of groups) await group.kill();
    },
  };
}

/** Source: ZooKeeper Administrator's Guide, "Clustered (Multi-Server) Setup". */
function startMember(members: readonly Ports[], index: number): ProcessGroup {
  const folder = newFolder();
  const dataDir = join(folder, "data");
  mkdirSync(dataDir);
  writeFileSync(join(dataDir, "myid"), `${index + 1}\n`);
  const servers = members.map(
    ({ quorum, election }, other) => `server.${other + 1}=127.0.0.1:${quorum}:${election}`,
  );
  const config = [
    "tickTime=2000",
    "initLimit=10",
    "syncLimit=5",
    `dataDir=${dataDir}`,
    `clientPort=${members[index]?.client}`,
    "clientPortAddress=127.0.0.1",
    "maxClientCnxns=0",
    "admin.enableServer=false",
    "4lw.commands.whitelist=*",
    ...servers,
    "",
  ].join("\n");
  writeFileSync(join(folder, "zoo.cfg"), config);
  const main = "org.apache.zookeeper.server.quorum.QuorumPeerMain";
  return new ProcessGroup("java", {
    arguments: ["-Xmx1000m", "-cp", CLASSPATH, main, join(folder, "zoo.cfg")],
  });
}
