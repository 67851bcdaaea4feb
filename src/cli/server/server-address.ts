import { CommandError } from "../command-error.ts";
import type { TlsFiles } from "./service.ts";

/** What a server is, as users name it. */
export type ServerAddress =
  /** `https://HOST`: a service. */
  | { readonly kind: "service"; readonly url: string }
  /** `host:port,…/chroot`: any ZooKeeper; behind `tls://` its secure port. */
  | { readonly kind: "zooKeeper"; readonly connectString: string; readonly isSecure: boolean };

/** What makes sense with some servers only. */
interface AddressOptions extends TlsFiles {
  readonly namespace?: string;
  readonly tokenFile?: string;
}

/**
 * Reads what stands behind `--server`.
 *
 * @throws CommandError if certificates were named for a way that is not secure, or what only a service
 *   has for another server
 */
export function readServerAddress(server: string, options: AddressOptions): ServerAddress {
  const { ca, cert, key, namespace, tokenFile } = options;
  const isService = /^https?:\/\//i.test(server);
  const isSecure = isSecureAddress(server);
  if (!isSecure && [ca, cert, key].some((file) => file !== undefined)) {
    throw new CommandError(
      `expected --server to start with https:// or tls://, since a certificate goes with it, saw ${server}`,
    );
  }
  const [option] = [
    ...(namespace === undefined ? [] : ["--namespace"]),
    ...(tokenFile === undefined ? [] : ["--token-file"]),
  ];
  if (!isService && option !== undefined) {
    throw new CommandError(
      `expected --server to be the URL of a service, since ${option} is of one, saw ${server}`,
    );
  }
  if (isService) return { kind: "service", url: server };
  return { kind: "zooKeeper", connectString: server.replace(/^tls:\/\//i, ""), isSecure };
}

/** Whether a server is reached over TLS. */
export function isSecureAddress(server: string): boolean {
  return /^(https|tls):\/\//i.test(server);
}
