import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../e2e/free-port.ts";

/** The built Worker on a stock workerd, without the machinery of local development around it. */
export interface BareWorkerd {
  readonly url: string;
  /** Where clients of the native protocol connect. */
  readonly nativePort: number;
  readonly process: ChildProcess;
  /** Where the objects' SQLite files are. */
  readonly disk: string;
  stop(): Promise<void>;
}

const BIN = join(import.meta.dirname, "../../node_modules/.bin");
const ROOT = join(import.meta.dirname, "../..");

/** Builds the Worker and serves it at a free port of loopback, with `variables` beside its own. */
export async function startBareWorkerd(
  variables: Readonly<Record<string, string>> = {},
): Promise<BareWorkerd> {
  const folder = mkdtempSync(join(tmpdir(), "edgekeeper-bench-"));
  const disk = join(folder, "disk");
  mkdirSync(disk);
  const outdir = join(folder, "dist");
  const wrangler = ["deploy", "--dry-run", "--outdir", outdir, "--env", ""];
  execFileSync(join(BIN, "wrangler"), wrangler, { cwd: ROOT, stdio: "pipe" });
  const [port, nativePort] = [await freePort(), await freePort()];
  writeFileSync(join(folder, "config.capnp"), configOf({ port, nativePort, disk, variables }));
  const workerd = spawn(join(BIN, "workerd"), ["serve", join(folder, "config.capnp")], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  await reachable(port);
  return {
    url: `127.0.0.1:${port}`,
    nativePort,
    process: workerd,
    disk,
    async stop() {
      workerd.kill();
      await once(workerd, "exit");
      rmSync(folder, { recursive: true });
    },
  };
}

interface ConfigOptions {
  readonly port: number;
  readonly nativePort: number;
  readonly disk: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** Source: workerd `workerd.capnp`. */
function configOf({ port, nativePort, disk, variables }: ConfigOptions): string {
  const bindings = Object.entries(variables).map(
    ([name, text]) => `        (name = "${name}", text = "${text}"),\n`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [(name = "dev.js", esModule = embed "dist/dev.js")],
      compatibilityDate = "2026-11-01",
      bindings = [
        (name = "SHARD", durableObjectNamespace = "Shard"),
        (name = "ANONYMOUS_ROLE", text = "admin"),
${bindings.join("")}      ],
      durableObjectNamespaces = [(className = "Shard", uniqueKey = "shard", enableSql = true)],
      durableObjectStorage = (localDisk = "disk"),
    )),
    (name = "disk", disk = (path = "${disk}", writable = true)),
  ],
  sockets = [
    (name = "http", address = "127.0.0.1:${port}", http = (), service = "main"),
    (name = "native", address = "127.0.0.1:${nativePort}", tcp = (), service = "main"),
  ],
);
`;
}

async function reachable(port: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const socket = connect(port, "127.0.0.1");
    const isThere = await Promise.race([
      once(socket, "connect").then(() => true),
      once(socket, "error").then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (isThere) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("workerd does not listen");
}
