import { Command } from "commander";
import { Bridge } from "./bridge.ts";
import { CommandError } from "../command-error.ts";
import { formatListenAddress, isLoopback, parseListenAddress } from "../listen-address.ts";
import { readService, type ServiceOptions } from "../server/service.ts";
import { stopSignal } from "../stop-signal.ts";
import { findProblem } from "./service-socket.ts";

const HELP = `
The token is read from --token-file, or from the variable EDGEKEEPER_TOKEN. Whoever can connect to
the bridge acts with it. Stop the bridge with Ctrl-C.

Example:
  edgekeeper bridge --url https://keeper.example.com --token-file token`;

/** `edgekeeper bridge`. */
export function bridgeCommand(): Command {
  return new Command("bridge")
    .description("let ZooKeeper clients reach a service: TCP here, a WebSocket to there")
    .requiredOption("--url <url>", "the service, https://HOST or http://HOST")
    .option("--listen <address>", "where clients connect, HOST:PORT", "127.0.0.1:2181")
    .option("--namespace <name>", "the namespace that clients see")
    .option("--token-file <file>", "a file that holds the token")
    .option("--ca <file>", "certificates (PEM) of the only authorities to trust")
    .addHelpText("after", HELP)
    .action(runBridge);
}

type BridgeArguments = Omit<ServiceOptions, "environmentToken"> & { readonly listen: string };

async function runBridge(options: BridgeArguments): Promise<void> {
  const { EDGEKEEPER_TOKEN: environmentToken } = process.env;
  const listen = parseListenAddress(options.listen);
  const service = readService({ ...options, environmentToken });
  const problem = await findProblem(service);
  if (problem !== undefined) throw new CommandError(problem);
  const bridge = await Bridge.listen({ listen, service, report });
  const stop = stopSignal();
  if (!isLoopback(listen.host) && service.token !== undefined) {
    report(`whoever reaches ${formatListenAddress(listen)} acts with the token`);
  }
  const address = formatListenAddress(bridge.address);
  process.stdout.write(`edgekeeper: ${address} is bridged to ${service.url.href}\n`);
  await stop;
  await bridge.stop();
}

function report(line: string): void {
  process.stderr.write(`edgekeeper: ${line}\n`);
}
