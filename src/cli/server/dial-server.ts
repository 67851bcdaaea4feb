import { ZooKeeper } from "../../client/index.ts";
import type { ClientOptions, Dial } from "../../client/index.ts";
import { tcpDial, tlsDial } from "../../client/tcp-transport.ts";
import type { TransportListener } from "../../client/transport.ts";
import { readProofs } from "./auth-file.ts";
import type { Connect, Dialled, Elsewhere } from "./server-connection.ts";
import { isSecureAddress, readServerAddress, type ServerAddress } from "./server-address.ts";
import { readService, readTls, type TlsFiles } from "./service.ts";
import { serviceDial } from "./service-dial.ts";

/** What the user said about the connection. */
export interface ConnectionOptions extends TlsFiles {
  readonly timeout: number;
  readonly namespace?: string;
  readonly tokenFile?: string;
  /** Identities for every server. */
  readonly authFile?: string;
  readonly chroot?: string;
  readonly readOnly?: boolean;
  readonly environmentToken?: string | undefined;
}

/** Connects to a service by its URL, to any ZooKeeper by `[tls://]host:port,…/chroot`. */
export function dialServer(options: ConnectionOptions): Connect {
  return (server, elsewhere) => {
    const own = elsewhere === undefined ? options : optionsOf(options, server, elsewhere);
    const address = readServerAddress(server, own);
    return address.kind === "service" ? dialService(address.url, own) : dialZooKeeper(address, own);
  };
}

/** A namespace, a chroot and a token are of one server, certificates of all that have any. */
function optionsOf(
  { namespace: _n, chroot: _c, tokenFile, environmentToken, ...others }: ConnectionOptions,
  server: string,
  { namespace, token }: Elsewhere,
): ConnectionOptions {
  const { ca: _ca, cert: _cert, key: _key, ...plain } = others;
  const rest = isSecureAddress(server) ? others : plain;
  const own = namespace === undefined ? rest : { ...rest, namespace };
  if (token === "none") return own;
  if (token !== "same") return { ...own, tokenFile: token.file };
  return { ...own, environmentToken, ...(tokenFile === undefined ? {} : { tokenFile }) };
}

function clientOptions({ timeout, chroot, authFile, readOnly = false }: ConnectionOptions) {
  return {
    sessionTimeoutMs: timeout,
    canBeReadOnly: readOnly,
    ...(authFile === undefined ? {} : { auth: readProofs(authFile) }),
    ...(chroot === undefined ? {} : { chroot }),
  };
}

function dialService(url: string, options: ConnectionOptions): Dialled {
  const service = readService({ ...options, url, option: "--server" });
  const { namespace } = options;
  const more = namespace === undefined ? {} : { namespace };
  return dialled(options, url, serviceDial(service), more);
}

function dialZooKeeper(
  { connectString, isSecure }: Extract<ServerAddress, { readonly kind: "zooKeeper" }>,
  options: ConnectionOptions,
): Dialled {
  const dial = isSecure ? tlsDial(readTls(options)) : tcpDial;
  const hint = isSecure ? " (--ca FILE names another authority)" : "";
  const told: Dial = (server, listener) =>
    dial(server, {
      ...listenerOf(listener),
      closed: (reason) => {
        const isAboutTrust = /certificate|altnames/i.test(reason);
        listener.closed(
          `expected a ZooKeeper at ${server}, saw: ${reason}${isAboutTrust ? hint : ""}`,
        );
      },
    });
  return dialled(options, connectString, told);
}

/** A client that remembers why the last connection ended. */
function dialled(
  options: ConnectionOptions,
  server: string,
  dial: Dial,
  more: Pick<ClientOptions, "namespace"> = {},
): Dialled {
  let problem: string | undefined;
  const remembering: Dial = (to, listener) =>
    dial(to, {
      ...listenerOf(listener),
      closed: (reason) => {
        problem = reason;
        listener.closed(reason);
      },
    });
  const zk = new ZooKeeper(server, { ...clientOptions(options), ...more, dial: remembering });
  return { zk, findProblem: () => Promise.resolve(problem) };
}

/** Methods stay with their object. */
function listenerOf(listener: TransportListener): Omit<TransportListener, "closed"> {
  return {
    opened: () => listener.opened(),
    received: (bytes) => listener.received(bytes),
    pong: () => listener.pong(),
  };
}
