import type { AdminConnection } from "../../core/admin-data.ts";
import { parseIpAddress } from "../../core/ip-address.ts";

/** Stands for an address that isn't known: tools expect one of IPv4. */
const UNKNOWN = "0.0.0.0";

/**
 * `192.0.2.1:4711`, `[2001:db8:0:0:0:0:0:1]:4711`; port 0 if it isn't known.
 *
 * Source: Java `InetSocketAddress.toString`, which behind its slash writes an address like this.
 */
export function formatSocketAddress({
  address,
  port,
}: Pick<AdminConnection, "address" | "port">): string {
  return `${formatAddress(address)}:${port}`;
}

function formatAddress(address: string): string {
  const bytes = parseIpAddress(address);
  if (bytes === undefined) return UNKNOWN;
  if (bytes.length === 4) return bytes.join(".");
  const groups = Array.from({ length: 8 }, (_, at) => {
    return (((bytes[2 * at] ?? 0) << 8) | (bytes[2 * at + 1] ?? 0)).toString(16);
  });
  return `[${groups.join(":")}]`;
}
