import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  Connection,
  decodeHandshakeReply,
  encodeHandshake,
  type Handshake,
  type HandshakeReply,
  newSession,
} from "../conformance/connection.ts";
import { runningServer } from "../conformance/servers.ts";
import { OPCODE, Reader, Writer } from "../conformance/wire.ts";
import { cleanUp } from "./clean-up.ts";
import { poll } from "./poll.ts";
import { ProcessGroup } from "./process-group.ts";
import { Service } from "./service.ts";

const TIMEOUT_MS = 30_000;
const EPHEMERAL_SEQUENTIAL = 3;

let service: Service;
let bridge: Bridge;

beforeAll(async () => {
  service = await Service.start();
  // As the README says it. The others run without npx, which has an exit code of its own.
  bridge = await Bridge.of(run("npx", "edgekeeper"));
});
afterAll(cleanUp);

/** A bridge to the service, on a port that was free. */
class Bridge {
  readonly group: ProcessGroup;
  readonly port: number;

  static start(...options: readonly string[]): Promise<Bridge> {
    return Bridge.of(run(process.execPath, "src/cli/main.ts", ...options));
  }

  static async of(group: ProcessGroup): Promise<Bridge> {
    const line = /^edgekeeper: 127\.0\.0\.1:(\d+) is bridged to /m;
    const port = await poll("the bridge listens", () => line.exec(group.output)?.[1]).catch(
      (error) => group.fail(error),
    );
    return new Bridge(group, Number(port));
  }

  private constructor(group: ProcessGroup, port: number) {
    this.group = group;
    this.port = port;
  }

  connect(): Promise<Connection> {
    return Connection.open(runningServer("bridge", `127.0.0.1:${this.port}`));
  }

  async client(handshake: Handshake = newSession(TIMEOUT_MS)): Promise<NativeClient> {
    const connection = await this.connect();
    connection.sendFrame(encodeHandshake(handshake));
    return new NativeClient(connection, decodeHandshakeReply(await frameOf(connection)));
  }
}

function run(command: string, program: string, ...options: readonly string[]): ProcessGroup {
  const bridgeOptions = ["bridge", "--listen", "127.0.0.1:0", "--url", service.base];
  return new ProcessGroup(command, { arguments: [program, ...bridgeOptions, ...options] });
}

async function frameOf(connection: Connection): Promise<Buffer> {
  const payload = await connection.next();
  if (typeof payload === "string") throw new Error(`expected a frame, saw: ${payload}`);
  return payload;
}

/** One session of the native protocol. */
class NativeClient {
  readonly connection: Connection;
  readonly session: HandshakeReply;
  #xid = 0;

  constructor(connection: Connection, session: HandshakeReply) {
    this.connection = connection;
    this.session = session;
  }

  send(type: number, body: Writer = new Writer()): void {
    this.#xid += 1;
    const header = new Writer().int(this.#xid).int(type).toBuffer();
    this.connection.sendFrame(Buffer.concat([header, body.toBuffer()]));
  }

  /** The body of the reply to the latest request. */
  async reply(): Promise<Reader> {
    const reader = new Reader(await frameOf(this.connection));
    const xid = reader.int();
    reader.long();
    const error = reader.int();
    if (xid === this.#xid && error === 0) return reader;
    throw new Error(`expected a reply to ${this.#xid}, saw one to ${xid} with error ${error}`);
  }

  async create(path: string, data: Buffer, flags = 0): Promise<string> {
    const body = new Writer().bytes(path).bytes(data);
    body.list([0], () => body.int(31).bytes("world").bytes("anyone")).int(flags);
    this.send(OPCODE.create, body);
    return (await this.reply()).string() ?? "";
  }

  async getData(path: string): Promise<string | undefined> {
    this.send(OPCODE.getData, new Writer().bytes(path).bool(false));
    return (await this.reply()).bytes()?.toString();
  }
}

test("[BG1] [BG10] 200 clients at once are served through one bridge", async () => {
  const clients = await Promise.all(Array.from({ length: 200 }, () => bridge.client()));
  const paths = await Promise.all(
    clients.map((client, index) =>
      client.create("/member-", Buffer.from(`${index}`), EPHEMERAL_SEQUENTIAL),
    ),
  );
  const datas = await Promise.all(
    clients.map((client, index) => client.getData(paths[index] ?? "")),
  );
  expect(new Set(paths).size).toBe(200);
  expect(datas).toEqual(clients.map((_, index) => `${index}`));
  expect(new Set(clients.map(({ session }) => session.sessionId)).size).toBe(200);

  for (const client of clients) client.send(OPCODE.closeSession);
  for (const client of clients) {
    await client.reply();
    expect(await client.connection.next()).toBe("closed");
  }
});

test("[BG3] a bridge with --namespace shows that tree", async () => {
  const other = await Bridge.start("--namespace", "other");
  const client = await other.client();
  await client.create("/here", Buffer.from("only"));
  const status = async (path: string) => (await fetch(`${service.base}${path}`)).status;
  expect(await status("/ns/other/znodes/here")).toBe(200);
  expect(await status("/znodes/here")).toBe(404);
  client.connection.destroy();
  await other.group.kill();
});

test("[BG4] a bridge that may not come in says so in one line, and ends with 1", async () => {
  process.env["EDGEKEEPER_TOKEN"] = "wrong-token";
  const group = run(process.execPath, "src/cli/main.ts");
  delete process.env["EDGEKEEPER_TOKEN"];
  await expect(group.succeed()).rejects.toThrow(/ended with 1/);
  const lines = group.output.split("\n").filter((line) => line.startsWith("edgekeeper:"));
  expect(lines).toEqual([expect.stringMatching(/^edgekeeper: expected .*\/ws, saw 401, /)]);
  expect(group.output).not.toContain("wrong-token");
});

test("[BG5] clients that never read cost little, and their neighbours nothing", async () => {
  const writer = await bridge.client();
  await writer.create("/large", Buffer.alloc(1_000_000, 97));
  const before = bridgeRss();
  const sleepers = await Promise.all(Array.from({ length: 30 }, () => bridge.client()));
  for (const sleeper of sleepers) {
    sleeper.connection.pause();
    for (let count = 0; count < 30; count += 1) {
      sleeper.send(OPCODE.getData, new Writer().bytes("/large").bool(false));
    }
  }
  let most = before;
  for (let round = 0; round < 50; round += 1) {
    expect(await writer.getData("/")).toBe("");
    most = Math.max(most, bridgeRss());
  }
  for (const { connection } of sleepers) connection.destroy();
  // 900 MB were asked for.
  expect(most - before).toBeLessThan(250_000);
});

test("[BG9] the bridge of a service that is there says imok, and the service what it is", async () => {
  const ask = async (word: string) => {
    const connection = await bridge.connect();
    connection.send(Buffer.from(word));
    return (await connection.untilClosed()).toString();
  };
  expect(await ask("ruok")).toBe("imok");
  expect(await ask("srvr")).toMatch(/^Mode: standalone$/m);
});

test("[BG7] a bridge that is stopped ends with 0, and sessions go on through the next one", async () => {
  const first = await Bridge.start();
  const client = await first.client();
  const path = await client.create("/mine-", Buffer.from("kept"), EPHEMERAL_SEQUENTIAL);
  first.group.signal("SIGTERM");
  expect(await client.connection.next()).toBe("closed");
  await first.group.succeed();

  const second = await Bridge.start();
  const { sessionId, password } = client.session;
  const again = await second.client({ ...newSession(TIMEOUT_MS), sessionId, password });
  expect(again.session.sessionId).toBe(sessionId);
  expect(await again.getData(path)).toBe("kept");
  again.connection.destroy();
  second.group.signal("SIGINT");
  await second.group.succeed();
});

/** KiB of memory that the largest of the bridges holds. */
function bridgeRss(): number {
  const lines = execFileSync("ps", ["-A", "-o", "rss=,args="], { encoding: "utf8" }).split("\n");
  const bridges = lines.filter((line) =>
    line.includes(`bridge --listen 127.0.0.1:0 --url ${service.base}`),
  );
  return Math.max(...bridges.map((line) => Number(line.trim().split(/\s+/)[0])));
}
