/** Where a client connects to: servers of one ensemble, and the subtree that is its root. */
export interface ServerList {
  /** `ws:`/`wss:` URLs, or `host:port` for TCP. */
  readonly servers: readonly string[];
  /** Absolute path without a slash at its end; "" for the whole tree. */
  readonly chroot: string;
}

const DEFAULT_PORT = 2181;

/**
 * Parses a connect string: ZooKeeper's `host:port,host:port/chroot`, or a URL of the service.
 *
 * `http:` and `https:` become `ws:` and `wss:`; a URL without a path gets `/ws`.
 *
 * @throws RangeError that says what was expected and what was seen.
 * Source: ZooKeeper `ConnectStringParser`.
 */
export function parseConnectString(text: string): ServerList {
  if (/^(https?|wss?):\/\//.test(text)) return { servers: [serviceUrl(text)], chroot: "" };
  const slash = text.indexOf("/");
  const hosts = slash < 0 ? text : text.slice(0, slash);
  const chroot = slash < 0 ? "" : text.slice(slash).replace(/\/+$/, "");
  return { servers: hosts.split(",").map((host) => tcpServer(host.trim(), text)), chroot };
}

function serviceUrl(text: string): string {
  const url = new URL(text);
  url.protocol = url.protocol.replace("http", "ws");
  if (url.pathname === "/") url.pathname = "/ws";
  return url.href;
}

/** Source: RFC 3986 §3.2: an IPv6 address stands in brackets. */
function tcpServer(host: string, text: string): string {
  const [, name, port = `${DEFAULT_PORT}`] = /^(\[[^\]]+\]|[^:[\]]+)(?::(\d+))?$/.exec(host) ?? [];
  const isPort = Number(port) > 0 && Number(port) < 65_536;
  if (name === undefined || !isPort) {
    throw new RangeError(
      `expected servers as host:port, separated by commas, or one URL, saw "${text}"`,
    );
  }
  return `${name}:${port}`;
}
