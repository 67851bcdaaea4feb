import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ZooKeeper } from "../../../src/client/index.ts";
import { tlsDial } from "../../../src/client/tcp-transport.ts";
import { freePort } from "../../e2e/free-port.ts";
import { newFolder } from "../../e2e/service.ts";
import { selfSigned } from "../../unit/cli/certificate.ts";
import { CommandLine } from "../commands/command-line.ts";
import type { Part } from "../part.ts";
import { runCase } from "../run-case.ts";
import { CLASSPATH, startZooKeeper } from "../servers.ts";

/** A ZooKeeper with a secure port, and the files of who may come. */
interface Secure {
  readonly address: string;
  readonly certificate: string;
  readonly key: string;
  stop(): Promise<void>;
}

/** Our command line and our client on the secure port of ZooKeeper: Java's TLS, not that of Node. */
export const tls: Part = {
  name: "tls",
  async run(context) {
    const secure = await startSecureZooKeeper();
    try {
      for (const [name, run] of Object.entries(CASES)) {
        await runCase(context, { name, run: () => run(secure) });
      }
    } finally {
      await secure.stop();
    }
  },
};

const CASES: Readonly<Record<string, (secure: Secure) => Promise<void>>> = {
  "the command line creates and lists": async ({ address, certificate }) => {
    const cli = new CommandLine("--server", `tls://${address}`, "--ca", certificate);
    await cli.converse(
      ["create /app one", "Created /app"],
      ["ls /", "[app, zookeeper]"],
      ["get /app", "one"],
      ["ruok", "imok"],
      ["4lw isro", "rw"],
    );
  },

  "the command line is known by its certificate": async ({ address, certificate, key }) => {
    const files = ["--ca", certificate, "--cert", certificate, "--key", key];
    const cli = new CommandLine("--server", `tls://${address}`, ...files);
    await cli.converse(["whoami", /\nx509: CN=edgekeeper$/m]);
  },

  "an authority that nobody named is not trusted": async ({ address }) => {
    const { output, code } = await new CommandLine("--server", `tls://${address}`).run(["ls", "/"]);
    assert.match(output, /self-signed certificate.*--ca FILE/);
    assert.equal(code, 1);
  },

  "the client works over tlsDial": async ({ address, certificate }) => {
    const ca = readFileSync(certificate, "utf8");
    const zk = new ZooKeeper(address, { dial: tlsDial({ ca }) });
    const { path } = await zk.create("/client-", "one", { sequential: true });
    assert.equal((await zk.get(path)).text, "one");
    await zk.close();
  },
};

async function startSecureZooKeeper(): Promise<Secure> {
  const port = await freePort();
  const folder = newFolder();
  const { key, cert } = selfSigned();
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const certificate = file("certificate.pem", cert);
  const server = await startZooKeeper("ZooKeeper with TLS", {
    configuration: [
      `secureClientPort=${port}`,
      "secureClientPortAddress=127.0.0.1",
      // The other one has no TLS.
      "serverCnxnFactory=org.apache.zookeeper.server.NettyServerCnxnFactory",
      `ssl.keyStore.location=${file("store.pem", key + cert)}`,
      `ssl.trustStore.location=${certificate}`,
      "ssl.clientAuth=want",
    ],
    // What of Netty TLS takes is missing in the manifest of Debian's package.
    classpath: `${CLASSPATH}:/usr/share/java/netty-codec.jar:/usr/share/java/netty-resolver.jar`,
  });
  return {
    address: `127.0.0.1:${port}`,
    certificate,
    key: file("key.pem", key),
    stop: () => server.stop(),
  };
}
