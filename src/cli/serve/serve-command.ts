import { Command, Option } from "commander";
import { formatListenAddress, isLoopback, type ListenAddress } from "../listen-address.ts";
import { stopSignal } from "../stop-signal.ts";
import { SelfHostedServer } from "./self-hosted-server.ts";
import {
  ACCESSES,
  HTTP_ADDRESS,
  readSettings,
  type ServeArguments,
  type ServerSettings,
  TCP_ADDRESS,
} from "./server-settings.ts";

const HELP = `
What this machine alone reaches is open as long as there are no tokens. An address that others reach
needs --tokens, or --anonymous and --tcp-role to say what everybody may do; ZooKeeper's clients show no
token. Stop the server with Ctrl-C or SIGTERM. Exit codes: 0 stopped, 1 failed.

Examples:
  edgekeeper serve --data ./keeper
  edgekeeper serve --data /var/lib/edgekeeper --http 0.0.0.0:8787 --tokens tokens.json
  edgekeeper serve --data ./keeper --http 0.0.0.0:8787 --anonymous read --tcp 0.0.0.0:2181 --tcp-role write`;

/** `edgekeeper serve`. */
export function serveCommand(): Command {
  return new Command("serve")
    .description("run a server of your own: the service on workerd, its state on disk")
    .requiredOption("--data <directory>", "where its state is; made if it isn't there")
    .option("--http <address>", `where it serves HTTP, HOST:PORT (default: ${HTTP_ADDRESS})`)
    .option(
      "--tcp <address>",
      `where ZooKeeper's clients connect, or off (default: ${TCP_ADDRESS})`,
    )
    .option("--tokens <file>", "who comes in: a JSON list, as the secret TOKENS")
    .addOption(roleOption("--anonymous <role>", "what callers without a token may do"))
    .option("--anonymous-hosts <names>", "names by which they call it, besides IP addresses")
    .addOption(roleOption("--tcp-role <role>", "what ZooKeeper's clients may do"))
    .option("--cert <file>", "certificates (PEM) for HTTPS, the server's own first")
    .option("--key <file>", "the key (PEM) of the first one")
    .option("--tcp-tls", "ZooKeeper's clients speak TLS, too")
    .option("--cors-origins <origins>", "whose pages may change znodes, besides its own")
    .option("--four-letter-words <words>", "those that are answered, or * (default: srvr)")
    .option("--ensemble <members>", "what new namespaces are: a size, or members")
    .addHelpText("after", HELP)
    .action(runServe);
}

function roleOption(flags: string, description: string): Option {
  return new Option(flags, description).choices(ACCESSES);
}

async function runServe(args: ServeArguments): Promise<void> {
  const settings = readSettings(args);
  const stop = stopSignal();
  // Whoever wants it to end while it starts gets that as soon as it has.
  const server = await SelfHostedServer.start(settings, (line) => {
    process.stderr.write(`workerd: ${line}\n`);
  });
  for (const line of greeting(settings, server, args))
    process.stdout.write(`edgekeeper: ${line}\n`);
  const problem = await Promise.race([stop, server.ended]);
  if (problem !== undefined) throw problem;
  process.stderr.write("edgekeeper: stopping\n");
  await server.stop();
}

/** Where it serves, and whom. */
function greeting(
  { anonymous, tcpRole, tls, data }: ServerSettings,
  { http, tcp }: SelfHostedServer,
  args: ServeArguments,
): string[] {
  const url = `${tls === undefined ? "http" : "https"}://${formatListenAddress(http)}`;
  const strangers =
    anonymous === "none"
      ? "callers show a token"
      : `${whoReaches(http)} without a token is ${anonymous}`;
  const clients =
    tcp === undefined
      ? "no TCP: ZooKeeper's clients show no token, --tcp-role would let them in"
      : `${formatListenAddress(tcp)} serves ZooKeeper's clients, ${whoReaches(tcp)} is ${tcpRole}`;
  return [`${url} serves ${data}, ${strangers}`, ...(args.tcp === "off" ? [] : [clients])];
}

function whoReaches({ host }: ListenAddress): string {
  return isLoopback(host) ? "whoever is on this machine" : "whoever reaches it";
}
