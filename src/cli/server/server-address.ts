import { CommandError } from "../command-error.ts";
import type { TlsFiles } from "./service.ts";

/** What a server is, as users name it. */
export type ServerAddress =
  /** `https://HOST`: a service. */
  | { readonly kind: "service"; readonly url: string }
  /** `host:port,…/chroot`: any ZooKeeper; behind `tls://` its secure port. */
  | { readonly kind: "zooKeeper"; readonly connectString: string; readonly isSecure: boolean };

/**
 * Reads what stands behind `--server`.
 *
 * @throws CommandError if certificates were named for a way that is not secure
 */
export function readServerAddress(server: string, { ca, cert, key }: TlsFiles): ServerAddress {
  const isService = /^https?:\/\//i.test(server);
  const isSecure = /^(https|tls):\/\//i.test(server);
  if (!isSecure && [ca, cert, key].some((file) => file !== undefined)) {
    throw new CommandError(
      `expected --server to start with https:// or tls://, since a certificate goes with it, saw ${server}`,
    );
  }
  if (isService) return { kind: "service", url: server };
  return { kind: "zooKeeper", connectString: server.replace(/^tls:\/\//i, ""), isSecure };
}
