import { ZooKeeper } from "../../client/index.ts";
import { tcpDial } from "../../client/tcp-transport.ts";
import type { Dial } from "../../client/index.ts";
import type { Connect, Dialled } from "./server-connection.ts";
import { readService } from "./service.ts";
import { findProblem } from "../bridge/service-socket.ts";

/** What the user said about the connection. */
export interface ConnectionOptions {
  readonly timeout: number;
  readonly namespace?: string;
  readonly tokenFile?: string;
  readonly chroot?: string;
  readonly readOnly?: boolean;
  readonly environmentToken?: string | undefined;
}

/** Connects to a service by its URL, to any ZooKeeper by `host:port,…/chroot`. */
export function dialServer(options: ConnectionOptions): Connect {
  return (server) =>
    /^https?:\/\//.test(server) ? dialService(server, options) : dialZooKeeper(server, options);
}

function clientOptions({ timeout, chroot, readOnly = false }: ConnectionOptions) {
  return {
    sessionTimeoutMs: timeout,
    canBeReadOnly: readOnly,
    ...(chroot === undefined ? {} : { chroot }),
  };
}

function dialService(url: string, options: ConnectionOptions): Dialled {
  const service = readService({ ...options, url, option: "--server" });
  const { token } = service;
  const { namespace } = options;
  const zk = new ZooKeeper(url, {
    ...clientOptions(options),
    ...(token === undefined ? {} : { token }),
    ...(namespace === undefined ? {} : { namespace }),
  });
  return { zk, findProblem: () => findProblem(service) };
}

function dialZooKeeper(servers: string, options: ConnectionOptions): Dialled {
  let seen: string | undefined;
  const dial: Dial = (server, listener) =>
    tcpDial(server, {
      opened: () => listener.opened(),
      received: (bytes) => listener.received(bytes),
      pong: () => listener.pong(),
      closed: (reason) => {
        seen = `expected a ZooKeeper at ${server}, saw: ${reason}`;
        listener.closed(reason);
      },
    });
  const zk = new ZooKeeper(servers, { ...clientOptions(options), dial });
  return { zk, findProblem: () => Promise.resolve(seen) };
}
