import { mkdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { freePort } from "../e2e/free-port.ts";
import { poll } from "../e2e/poll.ts";
import { ProcessGroup } from "../e2e/process-group.ts";
import { newFolder } from "../e2e/service.ts";

/** A server under comparison: the clients of every part know no more of it. */
export interface Server {
  /** How reports call it. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** Of its process; 0 if this program did not start it. */
  readonly pid: number;
  /** Where its HTTP is, if it has any. */
  readonly url?: string;
  /** Ends it, if this program started it. */
  stop(): Promise<void>;
}

/** `host:port`, as clients take it. */
export function addressOf(server: Server): string {
  return `${server.host}:${server.port}`;
}

/** The classpath of Debian's packages; `zookeeper.jar` names what it needs in its manifest. */
export const CLASSPATH = "/usr/share/java/zookeeper.jar";

/** Curator's, which names in its manifest what else it needs. */
export const CURATOR_CLASSPATH = `/usr/share/java/curator-recipes.jar:${CLASSPATH}`;

const START_MS = 60_000;

/** What the server answers to a four-letter word; undefined when nobody listens. */
export function fourLetterWord(
  host: string,
  port: number,
  word: string,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    let text = "";
    socket.setEncoding("latin1").setTimeout(5_000, () => socket.destroy());
    socket.on("data", (chunk) => (text += chunk.toString()));
    socket.on("error", () => resolve(undefined));
    socket.on("close", () => resolve(text === "" ? undefined : text));
    socket.on("connect", () => socket.write(word));
  });
}

/** A server that somebody else runs. */
export function runningServer(name: string, address: string): Server {
  const colon = address.lastIndexOf(":");
  const port = Number(address.slice(colon + 1));
  if (colon < 1 || !Number.isInteger(port)) throw new Error(`expected host:port, saw ${address}`);
  return { name, host: address.slice(0, colon), port, pid: 0, stop: async () => undefined };
}

/** For the shortest way to a server that answers, not for speed. */
const QUICK_START = [
  "-Xmx512m",
  "-XX:TieredStopAtLevel=1",
  "-XX:+UseSerialGC",
  // Nothing here is about surviving a power cut, and an fsync for each write is most of the time.
  "-Dzookeeper.forceSync=no",
];

/** How a ZooKeeper differs from that of most parts. */
interface ZooKeeperOptions {
  readonly javaOptions?: readonly string[];
  /** More lines for its `zoo.cfg`. */
  readonly configuration?: readonly string[];
  readonly classpath?: string;
}

/** Apache ZooKeeper of Debian's packages, standalone, with an empty tree. */
export async function startZooKeeper(
  name: string,
  { javaOptions = QUICK_START, configuration = [], classpath = CLASSPATH }: ZooKeeperOptions = {},
): Promise<Server> {
  const [port, adminPort] = [await freePort(), await freePort()];
  const folder = newFolder();
  mkdirSync(join(folder, "data"));
  const config = join(folder, "zoo.cfg");
  const lines = [...zooKeeperConfig(folder, port, adminPort), ...configuration];
  writeFileSync(config, lines.map((line) => `${line}\n`).join(""));
  const words = [...javaOptions, "-cp", classpath, ...ZOOKEEPER, config];
  const group = new ProcessGroup("java", { arguments: words });
  const { pid } = group;
  const server = { name, host: "127.0.0.1", port, pid, stop: () => stop(group) };
  await ready(server, group);
  return server;
}

function zooKeeperConfig(folder: string, port: number, adminPort: number): string[] {
  return [
    "tickTime=2000",
    `dataDir=${join(folder, "data")}`,
    `clientPort=${port}`,
    "clientPortAddress=127.0.0.1",
    "maxClientCnxns=0",
    `admin.serverPort=${adminPort}`,
    "admin.serverAddress=127.0.0.1",
    "4lw.commands.whitelist=*",
    "extendedTypesEnabled=true",
    "enforceQuota=true",
  ];
}

const ZOOKEEPER = [
  "-Dfile.encoding=UTF-8",
  "-Djava.awt.headless=true",
  // A reaped container takes a zxid at a moment of its own; no script here waits for it.
  "-Dznode.container.checkIntervalMs=86400000",
  "org.apache.zookeeper.server.quorum.QuorumPeerMain",
];

/** This repository's service as a user starts it, with an empty state. */
export async function startEdgekeeper(name: string): Promise<Server> {
  const [httpPort, port] = [await freePort(), await freePort()];
  const folder = newFolder();
  const group = new ProcessGroup("npm", {
    arguments: ["start"],
    environment: {
      EDGEKEEPER_PORT: `${httpPort}`,
      EDGEKEEPER_NATIVE_PORT: `${port}`,
      EDGEKEEPER_STATE: folder,
    },
  });
  const { pid } = group;
  const url = `http://127.0.0.1:${httpPort}`;
  const server = { name, host: "127.0.0.1", port, pid, url, stop: () => stop(group) };
  await ready(server, group);
  return server;
}

async function ready(server: Server, group: ProcessGroup): Promise<void> {
  const answers = async () => {
    const text = await fourLetterWord(server.host, server.port, "srvr");
    return text?.includes("Zookeeper version") === true ? true : undefined;
  };
  await poll(`${server.name} answers srvr`, answers, START_MS).catch(async (error) => {
    await group.kill();
    group.fail(error);
  });
}

/** The files go with the clean-up at the end. */
async function stop(group: ProcessGroup): Promise<void> {
  group.signal("SIGTERM");
  await group.kill();
}
