import type { Identity } from "../core/identity.ts";
import type { GatewayConfig } from "./config.ts";

/**
 * Finds out who a TCP client is. A TCP client shows no token, so it may come in only where TCP clients
 * have a role of their own, or where anonymous access exists, and then only from this machine.
 *
 * @param remoteAddress - as the platform writes it: `127.0.0.1:50312`, `[::1]:50312`.
 * @returns undefined for a client that may not come in.
 * Source: ZooKeeper `IPAuthenticationProvider`.
 */
export function identifyPeer(
  remoteAddress: string | undefined,
  { anonymousRole, nativeRole }: Pick<GatewayConfig, "anonymousRole" | "nativeRole">,
): Identity | undefined {
  const address = addressOfPeer(remoteAddress);
  if (address === undefined) return undefined;
  const role = nativeRole ?? (isLoopbackAddress(address) ? anonymousRole : undefined);
  if (role === undefined) return undefined;
  const port = portOf(remoteAddress);
  const identity = { role, ids: [{ scheme: "ip", id: address }] };
  return port === undefined ? identity : { ...identity, port };
}

/** The address without its port, IPv4 as such; undefined if there is none. */
export function addressOfPeer(remoteAddress: string | undefined): string | undefined {
  const address = /^\[?([^\]]+?)\]?(?::\d{1,5})?$/.exec(remoteAddress ?? "")?.[1];
  return address?.replace(/^::ffff:(?=\d+\.)/i, "");
}

function isLoopbackAddress(address: string): boolean {
  return address === "::1" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(address);
}

/** The port of an address as the platform writes it; undefined if it has none. */
export function portOf(address: string | undefined): number | undefined {
  const port = /[\d\]]:(\d{1,5})$/.exec(address ?? "")?.[1];
  return port === undefined ? undefined : Number(port);
}
