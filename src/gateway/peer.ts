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
  return { role: anonymousRole, ids: [{ scheme: "ip", id: ipv4 }] };
}
