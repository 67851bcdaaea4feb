import { readFileSync } from "node:fs";
import { Command } from "commander";
import { expect, it } from "vitest";
import { serveCommand } from "../../../src/cli/serve/serve-command.ts";
import { readSettings, type ServeArguments } from "../../../src/cli/serve/server-settings.ts";

function documentOf(name: string): string {
  return readFileSync(new URL(`../../../docs/${name}`, import.meta.url), "utf8");
}

/** What the command would be told by these words. */
function argumentsOf(words: readonly string[]): ServeArguments {
  const serve: Command = serveCommand()
    .exitOverride()
    .action(() => undefined);
  serve.parse(words, { from: "user" });
  return serve.opts<ServeArguments>();
}

it("[SV18] the table of docs/SELF-HOSTING.md names every option, and no other", () => {
  const rows = documentOf("SELF-HOSTING.md").match(/^\| `--.*?\|/gm) ?? [];
  const named = rows.flatMap((row) => row.match(/--[a-z-]+/g) ?? []);
  const options = serveCommand().options.map(({ long }) => long);

  expect(new Set(named)).toEqual(new Set(options));
});

it("[SV18] the systemd unit runs a server that only its machine reaches", () => {
  const unit = documentOf("self-hosting/edgekeeper.service");
  const [, words = ""] = /^ExecStart=\/usr\/bin\/edgekeeper serve (.*)$/m.exec(unit) ?? [];

  expect(readSettings(argumentsOf(words.split(" ")))).toMatchObject({
    http: { host: "127.0.0.1" },
    tcp: { host: "127.0.0.1" },
    variables: { ANONYMOUS_ROLE: "admin" },
  });
});

it("[SV18] the container asks who comes in, and with an answer serves whoever reaches it", () => {
  const file = documentOf("self-hosting/Containerfile");
  const [, entry = ""] = /^ENTRYPOINT (.*)$/m.exec(file) ?? [];
  const words = (JSON.parse(entry) as string[]).slice(2);

  expect(() => readSettings(argumentsOf(words))).toThrow("expected --tokens or --anonymous");
  const consented = readSettings(argumentsOf([...words, "--anonymous", "write"]));
  expect(consented).toMatchObject({ data: "/data", http: { host: "0.0.0.0" }, tcpRole: "write" });
});
