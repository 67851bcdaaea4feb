import { ZooKeeper } from "../../src/client/index.ts";
import { tcpDial } from "../../src/client/tcp-transport.ts";
import type { PartContext } from "./part.ts";
import { addressOf } from "./servers.ts";

/** A way to a server, as a user writes it. */
export interface Way {
  readonly name: string;
  /** `host:port` or a URL. */
  readonly server: string;
  /** A client of ours. */
  readonly connect: (chroot: string) => ZooKeeper;
}

/** Every way on which ours must do the same: ZooKeeper, our native port, our WebSocket. */
export function waysOf({ zooKeeper, edgekeeper }: PartContext): readonly Way[] {
  const ways = [
    overTcp("ZooKeeper over TCP", addressOf(zooKeeper)),
    overTcp("edgekeeper over TCP", addressOf(edgekeeper)),
  ];
  const { url } = edgekeeper;
  if (url === undefined) return ways;
  const connect = (chroot: string): ZooKeeper => new ZooKeeper(url, { chroot });
  return [...ways, { name: "edgekeeper over WebSocket", server: url, connect }];
}

function overTcp(name: string, server: string): Way {
  return { name, server, connect: (chroot) => new ZooKeeper(server, { chroot, dial: tcpDial }) };
}
