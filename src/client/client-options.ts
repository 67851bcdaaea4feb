import { FRAME_BYTES_MAX } from "../protocol/jute/frame.ts";
import { SYSTEM_CLOCK, type Clock } from "./clock.ts";
import { bytesOf, type Data } from "./data.ts";
import { parseConnectString } from "./server-list.ts";
import type { SessionOptions } from "./session.ts";
import type { Dial } from "./transport.ts";
import { webSocketDial } from "./websocket-transport.ts";

/** How a client connects. */
export interface ClientOptions {
  /** Asked for, milliseconds; 30,000 if absent. The server grants 4 to 40 seconds. */
  readonly sessionTimeoutMs?: number;
  /** The bearer token of a service that wants one. */
  readonly token?: string;
  /** The namespace of a service: an independent tree. */
  readonly namespace?: string;
  /** A subtree that is taken for the whole tree; also behind the servers of a connect string. */
  readonly chroot?: string;
  /** Identities to prove on every connection. */
  readonly auth?: readonly { readonly scheme: string; readonly auth: Data }[];
  /** A server without a quorum will do, for reads, while there is no better one. */
  readonly canBeReadOnly?: boolean;
  /**
   * How servers are reached: WebSockets if absent; in Node `tcpDial` and `tlsDial` of
   * `edgekeeper/client/tcp` for `host:port`.
   */
  readonly dial?: Dial;
  /**
   * Bytes of a request, at most; 1,048,575 if absent. Of a ZooKeeper it is `jute.maxbuffer`: it ends
   * the connection for one with more.
   */
  readonly requestBytesMax?: number;
  /** Time and chance, for tests. */
  readonly clock?: Clock;
}

const SESSION_TIMEOUT_MS = 30_000;
const NAMESPACE = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** Brings what a user gave into one form. @throws RangeError for what makes no sense. */
export function sessionOptionsOf(
  connectString: string,
  options: ClientOptions,
): SessionOptions & { readonly chroot: string } {
  const { servers, chroot } = parseConnectString(connectString);
  const { sessionTimeoutMs: timeoutMs = SESSION_TIMEOUT_MS, auth = [], namespace } = options;
  if (!Number.isInteger(timeoutMs) || timeoutMs <= 0 || timeoutMs > 0x7fff_ffff) {
    throw new RangeError(`expected a session timeout in milliseconds, saw ${timeoutMs}`);
  }
  const isService = servers.some((server) => /^wss?:/.test(server));
  if (!isService && options.dial === undefined) {
    throw new RangeError(
      `expected a URL, saw "${connectString}": host:port needs the option dial: tcpDial, in Node`,
    );
  }
  return {
    servers: servers.map((server) => inNamespace(server, namespace)),
    dial: options.dial ?? webSocketDial(options.token),
    clock: options.clock ?? SYSTEM_CLOCK,
    timeoutMs,
    canBeReadOnly: options.canBeReadOnly ?? false,
    requestBytesMax: options.requestBytesMax ?? FRAME_BYTES_MAX,
    auths: auth.map((proof) => ({
      op: "auth",
      scheme: proof.scheme,
      auth: bytesOf(proof.auth) ?? new Uint8Array(0),
    })),
    chroot: options.chroot ?? chroot,
  };
}

function inNamespace(server: string, namespace: string | undefined): string {
  if (namespace === undefined) return server;
  if (!NAMESPACE.test(namespace)) {
    throw new RangeError(`expected a namespace of a-z, 0-9 and -, saw "${namespace}"`);
  }
  if (!/^wss?:/.test(server)) {
    throw new RangeError(`a namespace needs a service, saw the server ${server}`);
  }
  const url = new URL(server);
  url.pathname = url.pathname.replace(/\/ws$/, `/ns/${namespace}/ws`);
  return url.href;
}
