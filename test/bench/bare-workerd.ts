import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SelfHostedServer } from "../../src/cli/serve/self-hosted-server.ts";
import { readSettings, type ServeArguments } from "../../src/cli/serve/server-settings.ts";

/** A server as `edgekeeper serve` runs it, without the machinery of local development around it. */
export interface BareWorkerd {
  readonly url: string;
  /** Where clients of the native protocol connect. */
  readonly nativePort: number;
  /** Of workerd. */
  readonly pid: number;
  stop(): Promise<void>;
}

/** Builds the Worker and serves it at free ports of loopback, with an empty state. */
export async function startBareWorkerd(
  options: Pick<ServeArguments, "ensemble"> = {},
): Promise<BareWorkerd> {
  const data = mkdtempSync(join(tmpdir(), "edgekeeper-bench-"));
  const settings = readSettings({ data, http: "127.0.0.1:0", tcp: "127.0.0.1:0", ...options });
  const server = await SelfHostedServer.start(settings, (line) => console.error(line));
  return {
    url: `127.0.0.1:${server.http.port}`,
    nativePort: server.tcp?.port ?? 0,
    pid: server.pid,
    async stop() {
      await server.stop();
      rmSync(data, { recursive: true });
    },
  };
}
