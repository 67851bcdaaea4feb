import { BlockList, isIP } from "node:net";
import { CommandError } from "./command-error.ts";

/** Where a listener waits for clients. */
export interface ListenAddress {
  readonly host: string;
  /** 0 for any port that is free. */
  readonly port: number;
}

const LISTEN = /^(?:(?<host>\[[^\]]+\]|[^:\s[\]]+):)?(?<port>\d{1,5})$/;

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");

/**
 * Parses `HOST:PORT`, `[IPV6]:PORT`, or a port alone, which is one of 127.0.0.1.
 *
 * @param option - how the user named it.
 * @throws CommandError that says what was expected.
 */
export function parseListenAddress(text: string, option = "--listen"): ListenAddress {
  const { host = "127.0.0.1", port } = LISTEN.exec(text)?.groups ?? {};
  if (port === undefined || Number(port) > 65_535) {
    throw new CommandError(`expected ${option} to be HOST:PORT, saw ${text}`);
  }
  return { host: withoutBrackets(host), port: Number(port) };
}

/** Prints an address as {@link parseListenAddress} reads it. */
export function formatListenAddress({ host, port }: ListenAddress): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Whether only this machine reaches a host, by what its name says. */
export function isLoopback(host: string): boolean {
  const name = withoutBrackets(host);
  const version = isIP(name);
  if (version === 0) return name === "localhost" || name.endsWith(".localhost");
  return LOOPBACK.check(name, version === 4 ? "ipv4" : "ipv6");
}

function withoutBrackets(host: string): string {
  return host.replace(/^\[|\]$/g, "");
}
