import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { get, type IncomingMessage } from "node:http";
import { get as getHttps } from "node:https";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { connect as connectTls } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { newSession } from "../conformance/connection.ts";
import { selfSigned } from "../unit/cli/certificate.ts";
import { cleanUp } from "./clean-up.ts";
import { Connection } from "./client/connection.ts";
import { NativeClient } from "./client/native-client.ts";
import { poll } from "./poll.ts";
import { commandLines, isRunning, SelfHosted, serve } from "./self-hosted.ts";
import { newFolder } from "./service.ts";
import { acknowledgedPairs, lostPairs, Writers } from "./writers.ts";

const EPHEMERAL = 1;
const TOKEN = "correct-horse-battery-staple";
const HASH = createHash("sha256").update(TOKEN).digest("hex");

afterAll(cleanUp);

/** Waits for the end of a command that must fail, and returns its lines. */
async function refusal(...options: readonly string[]): Promise<string> {
  const group = serve(...options);
  await expect(group.succeed()).rejects.toThrow(/ended with 1/);
  return group.output;
}

async function tokensFile(entries: unknown = [entryOf("write")]): Promise<string> {
  const path = join(newFolder(), "tokens.json");
  writeFileSync(path, JSON.stringify(entries));
  return path;
}

function entryOf(role: string): object {
  return { name: "ann", sha256: HASH, namespaces: ["*"], role };
}

async function textOf(url: string, headers: Record<string, string> = {}): Promise<string> {
  const response = await fetch(url, { headers });
  return response.ok ? response.text() : `${response.status}`;
}

/** The status for a caller that uses another name for the same address. */
async function statusFor(base: string, host: string): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  get(`${base}/znodes`, { headers: { Host: host } }, resolve).once("error", reject);
  const answer = await promise;
  answer.resume();
  return answer.statusCode;
}

describe("a server that runs", () => {
  let data: string;
  let server: SelfHosted;

  beforeAll(async () => {
    data = join(newFolder(), "state");
    server = await SelfHosted.start(data);
  });

  test("[SV1] says where it serves, HTTP and ZooKeeper's protocol, one tree", async () => {
    const client = await NativeClient.connect(server.tcpPort);
    await client.create("/both", "one tree");
    client.connection.destroy();

    expect(await textOf(`${server.base}/znodes/both`)).toBe("one tree");
    expect(server.group.output).toContain(`edgekeeper: ${server.base} serves ${data}, `);
    expect(server.group.output).toContain(`127.0.0.1:${server.tcpPort} serves ZooKeeper's clients`);
  });

  test("[SV6] makes its directory for its owner alone", () => {
    expect(statSync(data).mode & 0o777).toBe(0o700);
    expect(statSync(join(data, "objects")).mode & 0o777).toBe(0o700);
    expect(readdirSync(data)).toEqual(
      expect.arrayContaining(["edgekeeper.json", "lock", "objects", "server.json"]),
    );
  });

  test("[SV5] has its directory for itself: a second one is told who has it", async () => {
    const output = await refusal("--data", data, "--http", "127.0.0.1:0", "--tcp", "off");

    expect(output).toBe(
      `edgekeeper: expected ${data} to be used by no other server, saw process ${server.group.pid}\n`,
    );
    expect(await textOf(`${server.base}/healthz`)).toBe("ok\n");
  });

  test("[SV7] keeps its ports: whoever wants one is told which", async () => {
    const http = server.base.slice("http://".length);
    const first = await refusal("--data", newFolder(), "--http", http, "--tcp", "off");
    const tcp = `127.0.0.1:${server.tcpPort}`;
    const second = await refusal("--data", newFolder(), "--http", "127.0.0.1:0", "--tcp", tcp);

    expect(first).toContain(`edgekeeper: expected --http ${http} to be free to listen on, saw: `);
    expect(second).toContain(`edgekeeper: expected --tcp ${tcp} to be free to listen on, saw: `);
  });

  test("[SV8] lets in who is on this machine and calls it by a name of this machine", async () => {
    const port = server.base.slice(server.base.lastIndexOf(":"));
    expect(await statusFor(server.base, `localhost${port}`)).toBe(200);
    expect(await statusFor(server.base, `evil.example${port}`)).toBe(401);
    expect(await statusFor(server.base, `192.0.2.7${port}`)).toBe(401);
  });

  test("[SV17] has no controls of development", async () => {
    expect(await textOf(`${server.base}/ensemble/members/1/stop`)).toBe("404");
    expect(await textOf(`${server.base}/openapi.json`)).not.toContain("/ensemble/members/");
  });
});

describe("how it ends", () => {
  test.each(["SIGTERM", "SIGINT"] as const)(
    "[SV12] %s ends it with 0, with clients or without, and the next one goes on",
    async (signal) => {
      const server = await SelfHosted.start(newFolder());
      const [web, native] = [
        await Connection.open(server.base, { timeoutMs: 30_000 }),
        await NativeClient.connect(server.tcpPort),
      ];
      const path = await native.create("/mine", "kept", EPHEMERAL);
      await web.create("/web");
      const { workerd } = server;
      server.group.signal(signal);
      await server.group.succeed(5_000);

      expect(isRunning(workerd)).toBe(false);
      await server.restart();
      const again = await NativeClient.connect(server.tcpPort, native.resumption);
      expect(again.session.sessionId).toBe(native.session.sessionId);
      expect(await textOf(`${server.base}/znodes${path}`)).toBe("kept");
      again.connection.destroy();
    },
  );

  test("[SV12] a second signal ends it at once, and workerd with it", async () => {
    const server = await SelfHosted.start(newFolder());
    const client = await NativeClient.connect(server.tcpPort);
    const { workerd } = server;
    server.group.signal("SIGTERM");
    await poll("it is stopping", () =>
      /: stopping$/m.test(server.group.output) ? true : undefined,
    );
    server.group.signal("SIGTERM");

    await expect(server.group.succeed()).rejects.toThrow(/ended with -1/);
    await poll("workerd is gone", () => (isRunning(workerd) ? undefined : true), 5_000);
    client.connection.destroy();
  });

  test("[SV14] when workerd dies it ends with 1 and says how", async () => {
    const server = await SelfHosted.start(newFolder());
    process.kill(server.workerd, "SIGKILL");

    await expect(server.group.succeed()).rejects.toThrow(/ended with 1/);
    expect(server.group.output).toMatch(
      /^edgekeeper: expected workerd to go on, saw its end by SIGKILL/m,
    );
  });
});

describe("what it keeps", () => {
  test.each([[[]], [["--ensemble", "3"]]])(
    "[SV2][SV3][SV13] nothing acknowledged is lost when it is killed under writers, with %j",
    async (options) => {
      const server = await SelfHosted.start(newFolder(), ...options);
      const writers = await Writers.start(server.base);
      await writers.pairs(50);
      const { workerd } = server;
      process.kill(server.group.pid, "SIGKILL");
      await poll("workerd is gone", () => (isRunning(workerd) ? undefined : true), 5_000);
      await server.restart();
      await writers.resumed(1);
      await writers.pairs(50);
      process.kill(server.workerd, "SIGKILL");
      await expect(server.group.succeed()).rejects.toThrow(/ended with 1/);
      await server.restart();
      await writers.resumed(2);
      const written = await writers.finish();

      expect(lostPairs(written)).toEqual([]);
      expect(acknowledgedPairs(written).length).toBeGreaterThanOrEqual(100 * writers.count);
      const resumed = written.facts.flat().filter((fact) => "resumed" in fact);
      expect(resumed).toHaveLength(2 * writers.count);
      for (const fact of resumed)
        expect(fact).toMatchObject({ isSameSession: true, isOwner: true });
    },
  );

  test("[SV4] the ephemerals of a session that does not come back go at its timeout", async () => {
    const server = await SelfHosted.start(newFolder());
    const client = await NativeClient.connect(server.tcpPort, newSession(4_000));
    await client.create("/gone", "", EPHEMERAL);
    process.kill(server.group.pid, "SIGKILL");
    await server.group.kill();
    await server.restart();
    const restartedMs = Date.now();
    const exists = async () => (await fetch(`${server.base}/znodes/gone`)).ok;

    expect(await exists()).toBe(true);
    await poll("it has expired", async () => ((await exists()) ? undefined : true), 15_000);
    expect(Date.now() - restartedMs).toBeGreaterThan(3_000);
  });

  test("[SV6] a directory with something else in it is left alone", async () => {
    const data = newFolder();
    writeFileSync(join(data, "letter.txt"), "dear");
    mkdirSync(join(data, "objects"));

    expect(await refusal("--data", data)).toContain(
      "edgekeeper: expected --data to be empty or a server's own, saw ",
    );
    expect(readdirSync(data)).toEqual(["letter.txt", "objects"]);
  });
});

describe("whom it lets in", () => {
  test("[SV8][SV15] with tokens those who show one, and no secret is told", async () => {
    const data = newFolder();
    const server = await SelfHosted.start(data, "--tokens", await tokensFile());
    const bearer = { Authorization: `Bearer ${TOKEN}` };

    expect(await textOf(`${server.base}/znodes?children`, bearer)).toContain("zookeeper");
    expect(await textOf(`${server.base}/znodes?children`)).toBe("401");
    expect(server.group.output).toContain("no TCP");
    const files = ["edgekeeper.json", "server.json", "workerd.capnp"];
    const told = files.map((name) => readFileSync(join(data, name), "utf8"));
    expect(`${told.join()}${commandLines(server.group.pid)}${server.group.output}`).not.toContain(
      HASH,
    );
  });

  test("[SV10] with consent callers by address and by name, as what was said", async () => {
    const anonymous = ["--anonymous", "read", "--anonymous-hosts", "keeper,keeper.lan"];
    const server = await SelfHosted.start(newFolder(), ...anonymous, "--tcp-role", "write");
    const client = await NativeClient.connect(server.tcpPort);

    expect(await client.create("/written", "by TCP")).toBe("/written");
    expect(await statusFor(server.base, "192.0.2.7:8787")).toBe(200);
    expect(await statusFor(server.base, "keeper.lan")).toBe(200);
    expect(await statusFor(server.base, "evil.example")).toBe(401);
    const written = await fetch(`${server.base}/znodes/no`, { method: "PUT" });
    expect(written.status).toBe(403);
    client.connection.destroy();
  });

  test("[SV11] with tokens that are none it does not start, and says what is wrong", async () => {
    const tokens = await tokensFile([{ ...entryOf("write"), role: "hunter2" }]);
    const output = await refusal(
      "--data",
      newFolder(),
      "--http",
      "127.0.0.1:0",
      "--tokens",
      tokens,
    );

    expect(output).toMatch(
      /^edgekeeper: expected the server to be healthy, saw TOKENS: .*0\.role$/m,
    );
    expect(output).not.toContain("hunter2");
  });

  test("[SV16] over HTTPS with a certificate, and TCP clients over TLS", async () => {
    const folder = newFolder();
    const { key, cert } = selfSigned();
    const files = { key: join(folder, "key.pem"), cert: join(folder, "cert.pem") };
    writeFileSync(files.key, key);
    writeFileSync(files.cert, cert);
    const options = ["--cert", files.cert, "--key", files.key, "--tcp-tls"];
    const server = await SelfHosted.start(newFolder(), ...options);
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    getHttps(`${server.base}/znodes`, { ca: cert }, resolve).once("error", reject);
    const answer = await promise;
    answer.resume();
    const secure = connectTls({ host: "127.0.0.1", port: server.tcpPort, ca: cert });
    const word = text(secure);
    secure.end("srvr");

    expect(answer.statusCode).toBe(200);
    expect(await word).toMatch(/^Mode: standalone$/m);
  });
});
