/**
 * Prints the path of the configuration that `npm start` runs with, after looking whether the port
 * for ZooKeeper's clients is free: wrangler has no option for it, so that another port than the one
 * in `wrangler.toml` needs a configuration of its own.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import process from "node:process";

const ADDRESS = "127.0.0.1";
const PORT = 2181;
const root = new URL("../", import.meta.url);

const text = process.env["EDGEKEEPER_NATIVE_PORT"] ?? String(PORT);
const port = Number(text);
if (!/^\d+$/.test(text) || port < 1 || port > 65_535) {
  fail(`EDGEKEEPER_NATIVE_PORT: expected a port from 1 to 65535, saw ${JSON.stringify(text)}`);
}

const server = createServer();
server.once("error", ({ message }) => {
  fail(`no port for ZooKeeper clients (${message}): set EDGEKEEPER_NATIVE_PORT to a free one`);
});
server.listen(port, ADDRESS, () => {
  server.close();
  process.stderr.write(`ZooKeeper clients: ${ADDRESS}:${port}\n`);
  process.stdout.write(port === PORT ? "wrangler.toml" : writeConfig());
});

/** Writes the configuration with the other port; paths in it are as seen from where it stands. */
function writeConfig(): string {
  const config = readFileSync(new URL("wrangler.toml", root), "utf8")
    .replace(`\nport = ${PORT}\n`, `\nport = ${port}\n`)
    .replaceAll(/^main = "/gm, 'main = "../');
  const path = `.wrangler/native-${port}.toml`;
  mkdirSync(new URL(".wrangler", root), { recursive: true });
  writeFileSync(new URL(path, root), config);
  return path;
}

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
