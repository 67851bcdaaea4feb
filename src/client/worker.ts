import type { ClientOptions } from "./client-options.ts";
import { fetchDial } from "./fetch-dial.ts";
import type { KeeperBinding } from "./keeper-binding.ts";
import type { Dial } from "./transport.ts";
import { SUBPROTOCOL } from "./websocket-transport.ts";
import { ZooKeeper } from "./zookeeper.ts";

export type {
  CallOptions,
  KeeperBinding,
  RemoteCalls,
  RemoteReadResult,
  RemoteSession,
  RemoteTransaction,
  SessionOptions,
  ZnodeValue,
} from "./keeper-binding.ts";

/** How a client connects through a binding: there is no server to name, and no token to show. */
export type ConnectOptions = Omit<ClientOptions, "dial" | "token">;

/** Who answers requests to upgrade: the binding of a `Keeper`. */
export type Upgrader = Pick<KeeperBinding, "fetch">;

/**
 * Connects a client through a service binding: the same client as everywhere, in the calling Worker, so
 * that recipes, streams and signals work.
 *
 * Its socket ends in the shard itself, nothing lies between. It belongs to the invocation that opened
 * it: close it, or `await using`; a session that is left behind ends after its timeout.
 *
 * @example
 * ```ts
 * import { Lock } from "edgekeeper/recipes";
 * import { connect, type KeeperBinding } from "edgekeeper/worker";
 *
 * export default {
 *   async fetch(_request: Request, env: { KEEPER: KeeperBinding }): Promise<Response> {
 *     await using zk = connect(env.KEEPER);
 *     await using held = await new Lock(zk, "/locks/printer").acquire();
 *     return new Response(`token ${held.token}`);
 *   },
 * };
 * ```
 */
export function connect(binding: Upgrader, options: ConnectOptions = {}): ZooKeeper {
  const { namespace, ...rest } = options;
  return new ZooKeeper(SERVER, { ...rest, dial: bindingDial(binding, namespace) });
}

function bindingDial(binding: Upgrader, namespace?: string): Dial {
  const path = namespace === undefined ? "/ws" : `/ns/${encodeURIComponent(namespace)}/ws`;
  const headers = { Upgrade: "websocket", "Sec-WebSocket-Protocol": SUBPROTOCOL };
  return fetchDial(() => binding.fetch(`https://${SERVER}${path}`, { headers }));
}

/** Nobody looks for it: the binding says where requests go. */
const SERVER = "keeper";
