import { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { dataValue } from "../output/data-value.ts";
import { statLines } from "../output/format-stat.ts";

const CONFIG = "/zookeeper/config";

interface ConfigOptions {
  readonly c?: true;
  readonly w?: true;
  readonly s?: true;
}

/** `config`: the members of the ensemble. */
export function configCommand({ connection, output }: CommandContext): Command {
  return new Command("config")
    .description("print the configuration of the ensemble")
    .option("-c", "as a string to connect with, behind its version")
    .option("-w", "watch for a change")
    .option("-s", "with its stat")
    .addHelpText("after", "\nExample:\n  config -c")
    .action(async ({ c, w, s }: ConfigOptions) => {
      const zk = await connection.client();
      const { data, text, stat } = await zk.getConfig({ watch: w && connection.watcher });
      const shown = c ? clientConfig(text) : data === null ? "null" : text;
      output.show({
        value: { path: CONFIG, ...dataValue(data), ...(s ? { stat } : {}) },
        text: [shown, ...(s ? statLines(stat) : [])],
        raw: shown,
      });
    });
}

/** `<version> host:port,…`. Source: ZooKeeper `ConfigUtils.getClientConfigStr`. */
function clientConfig(text: string): string {
  const version = /^version=(\w+)$/m.exec(text)?.[1] ?? "";
  const servers = [...text.matchAll(/^server\.\d+=([^:]+):[^;]*;(?:(.+):)?(\d+)$/gm)];
  const addresses = servers.map(([, host, clientHost, port]) => `${clientHost ?? host}:${port}`);
  return `${version} ${addresses.join(",")}`;
}
