import { ZooKeeper } from "../../../src/client/index.ts";
import { tcpDial } from "../../../src/client/tcp-transport.ts";
import type { Part, PartContext } from "../part.ts";
import { addressOf } from "../servers.ts";
import { CASES, type Scene } from "./cases.ts";

/** How long a case may take, milliseconds. */
const CASE_MS = 20_000;

/** A way to a server, as a user writes it. */
interface Door {
  readonly name: string;
  readonly connect: (chroot: string) => ZooKeeper;
}

/** Our own client, the same cases against Apache ZooKeeper, our native port, and our WebSocket. */
export const nodeClient: Part = {
  name: "node-client",
  async run(context) {
    const { zooKeeper, edgekeeper } = context;
    const doors = [
      tcpDoor("ZooKeeper over TCP", addressOf(zooKeeper)),
      tcpDoor("edgekeeper over TCP", addressOf(edgekeeper)),
    ];
    const { url } = edgekeeper;
    if (url !== undefined) {
      const connect = (chroot: string): ZooKeeper => new ZooKeeper(url, { chroot });
      doors.push({ name: "edgekeeper over WebSocket", connect });
    }
    for (const door of doors) await runDoor(door, context);
  },
};

function tcpDoor(name: string, address: string): Door {
  return { name, connect: (chroot) => new ZooKeeper(address, { chroot, dial: tcpDial }) };
}

async function runDoor(
  door: Door,
  { passed, failed, print }: Pick<PartContext, "passed" | "failed" | "print">,
): Promise<void> {
  const root = door.connect("");
  let count = 0;
  for (const [name, run] of Object.entries(CASES)) {
    const { path } = await root.create("/node-client-", "", { sequential: true });
    const scene: Scene = { zk: door.connect(path), other: door.connect(path) };
    try {
      await Promise.race([run(scene), afterDeadline(name)]);
      passed(`${door.name}: ${name}`);
      count += 1;
    } catch (error) {
      failed(`${door.name}: ${name}`, error instanceof Error ? `${error.stack}` : String(error));
    }
    await Promise.all([scene.zk.close(), scene.other.close()]);
  }
  await root.close();
  print(`${door.name}: ${count} of ${Object.keys(CASES).length}`);
}

function afterDeadline(name: string): Promise<never> {
  return new Promise((_, reject) => {
    const message = `expected "${name}" to end within ${CASE_MS} ms`;
    setTimeout(() => reject(new Error(message)), CASE_MS).unref();
  });
}
