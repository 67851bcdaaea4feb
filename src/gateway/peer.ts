import type { Identity } from "../core/identity.ts";
import type { GatewayConfig } from "./config.ts";

/**
 * Finds out who a TCP client is. A TCP client shows no token, so it may come in only where anonymous
 * access exists, and only from this machine.
 *
 * @param remoteAddress - as the platform writes it: `127.0.0.1:50312`, `[::1]:50312`.
 * @returns undefined for a client that may not come in.
 * Source: ZooKeeper `IPAuthenticationProvider`.
 */
export function identifyPeer(
  remoteAddress: string | undefined,
  { anonymousRole }: Pick<GatewayConfig, "anonymousRole">,
): Identity | undefined {
  const address = /^\[?(.*?)\]?(?::\d+)?$/.exec(remoteAddress ?? "")?.[1];
  if (anonymousRole === undefined || address === undefined) return undefined;
  const ipv4 = address.replace(/^::ffff:/i, "");
  if (ipv4 !== "::1" && !/^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(ipv4)) return undefined;
  const port = portOf(remoteAddress);
  const identity = { role: anonymousRole, ids: [{ scheme: "ip", id: ipv4 }] };
  return port === undefined ? identity : { ...identity, port };
}

/** The port of an address as the platform writes it; undefined if it has none. */
export function portOf(address: string | undefined): number | undefined {
  const port = /[\d\]]:(\d{1,5})$/.exec(address ?? "")?.[1];
  return port === undefined ? undefined : Number(port);
}
