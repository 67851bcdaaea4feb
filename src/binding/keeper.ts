import { WorkerEntrypoint } from "cloudflare:workers";
import { Chroot } from "../client/chroot.ts";
import { fetchDial } from "../client/fetch-dial.ts";
import type {
  CallOptions,
  KeeperBinding,
  RemoteCalls,
  RemoteSession,
  SessionOptions,
} from "../client/keeper-binding.ts";
import { Operations } from "../client/operations.ts";
import { ZooKeeper } from "../client/zookeeper.ts";
import { configReader } from "../gateway/config.ts";
import { addressOf } from "../gateway/path.ts";
import { BY_LEADER, type Placement } from "../gateway/placement.ts";
import { badRequest, HttpProblem, problemResponse, unexpectedProblem } from "../gateway/problem.ts";
import { shardOf } from "../gateway/shard-client.ts";
import { openShardSocket, shardUpgrade } from "../gateway/upgrade.ts";
import { NATIVE_SUBPROTOCOL } from "../protocol/jute/native-codec.ts";
import type { Env } from "../shard/env.ts";
import type { ShardApi } from "../shard/shard-api.ts";
import { authOf, checkCallOptions, checkSessionOptions, requestOptionsOf } from "./call-options.ts";
import { HeldCallbacks } from "./held-callbacks.ts";
import { asKeeperError } from "./keeper-failure.ts";
import { RemoteOperationsTarget } from "./remote-operations.ts";
import { RemoteSessionTarget } from "./remote-session.ts";
import { ShardCalls } from "./shard-calls.ts";
import { checkRights, identityOf, namespaceOf, readRights } from "./rights.ts";

const configOf = configReader();

/** What an operation is called with, and what it answers, where there is no session. */
type Args<Name extends keyof RemoteCalls> = Parameters<RemoteCalls[Name]>;
type Answer<Name extends keyof RemoteCalls> = ReturnType<RemoteCalls[Name]>;

/**
 * The door for other Workers of the account: the client's operations by RPC, without HTTP.
 *
 * Each method is an invocation of its own, so that calls are ordered only by awaiting them; those on
 * what {@link with} and {@link session} hand out keep their order. What a binding may do its props say,
 * see `rights.ts`.
 *
 * Source: Cloudflare "Service bindings: RPC (WorkerEntrypoint)", compatibility date 2026-11-01.
 */
export class Keeper extends WorkerEntrypoint<Env, unknown> implements Omit<KeeperBinding, "fetch"> {
  create(...args: Args<"create">): Answer<"create"> {
    return this.#calls().create(...args);
  }

  delete(...args: Args<"delete">): Answer<"delete"> {
    return this.#calls().delete(...args);
  }

  set(...args: Args<"set">): Answer<"set"> {
    return this.#calls().set(...args);
  }

  get(...args: Args<"get">): Answer<"get"> {
    return this.#calls().get(...args);
  }

  exists(...args: Args<"exists">): Answer<"exists"> {
    return this.#calls().exists(...args);
  }

  children(...args: Args<"children">): Answer<"children"> {
    return this.#calls().children(...args);
  }

  childrenPage(...args: Args<"childrenPage">): Answer<"childrenPage"> {
    return this.#calls().childrenPage(...args);
  }

  getACL(...args: Args<"getACL">): Answer<"getACL"> {
    return this.#calls().getACL(...args);
  }

  setACL(...args: Args<"setACL">): Answer<"setACL"> {
    return this.#calls().setACL(...args);
  }

  getConfig(): Answer<"getConfig"> {
    return this.#calls().getConfig();
  }

  reconfig(...args: Args<"reconfig">): Answer<"reconfig"> {
    return this.#calls().reconfig(...args);
  }

  read(...args: Args<"read">): Answer<"read"> {
    return this.#calls().read(...args);
  }

  transaction(): Answer<"transaction"> {
    return this.#calls().transaction();
  }

  sync(...args: Args<"sync">): Answer<"sync"> {
    return this.#calls().sync(...args);
  }

  countDescendants(...args: Args<"countDescendants">): Answer<"countDescendants"> {
    return this.#calls().countDescendants(...args);
  }

  whoAmI(): Answer<"whoAmI"> {
    return this.#calls().whoAmI();
  }

  with(options: CallOptions): RemoteCalls {
    return this.#calls(options);
  }

  session(options: SessionOptions = {}): Promise<RemoteSession> {
    return asKeeperError(() => {
      const { namespace, ...rest } = checkSessionOptions(options);
      const upgrade = this.#upgrade(namespace);
      const zk = new ZooKeeper("shard", { ...rest, dial: fetchDial(upgrade) });
      return new RemoteSessionTarget(zk, (ending) => this.ctx.waitUntil(ending));
    });
  }

  /** Opens the socket of `connect` in `edgekeeper/worker`: it leads to the shard, past this Worker. */
  override async fetch(request: Request): Promise<Response> {
    try {
      const { namespace, prefix, route } = addressOf(request.url);
      if (route !== "/ws" || request.headers.get("Upgrade") !== "websocket") {
        throw badRequest("expected an upgrade of /ws: everything else is asked by RPC");
      }
      return await this.#upgrade(prefix === "" ? undefined : namespace)();
    } catch (error) {
      return problemResponse(error instanceof HttpProblem ? error : unexpectedProblem(error));
    }
  }

  /** Fails by what it returns: nobody awaits what further calls are made of. */
  #calls(options: CallOptions = {}): RemoteOperationsTarget {
    try {
      const { namespace: named, chroot = "", consistency } = checkCallOptions(options);
      const rights = readRights(this.ctx.props);
      const namespace = namespaceOf(rights, named);
      const openShard = this.#finder(namespace, consistency === "local" ? ANY : BY_LEADER);
      const identity = identityOf(rights);
      const auth = authOf(options);
      const context = { openShard, identity, auth, ...requestOptionsOf(options) };
      return callsOf(new ShardCalls(() => context), chroot);
    } catch (error) {
      const refuse = (): never => {
        throw error;
      };
      return callsOf(new ShardCalls(refuse), "");
    }
  }

  /** What opens a socket for a session, as often as it is needed. @throws HttpProblem 403 */
  #upgrade(named: string | undefined): () => Promise<Response> {
    const rights = readRights(this.ctx.props);
    const openShard = this.#finder(namespaceOf(rights, named), BY_LEADER);
    checkRights(rights, "write");
    const identity = identityOf(rights);
    return () => openShardSocket(openShard(), shardUpgrade(identity, NATIVE_SUBPROTOCOL));
  }

  /** A stub does not outlive its object's reset, so that there is a way to get another. */
  #finder(namespace: string, placement: Placement): () => ShardApi {
    const config = configOf(this.env);
    return () => shardOf(this.env, config, { namespace, placement });
  }
}

/** Bindings say nothing of where their callers are. */
const ANY: Placement = { type: "any", near: [] };

function callsOf(calls: ShardCalls, chroot: string): RemoteOperationsTarget {
  return new RemoteOperationsTarget(new Operations(new Chroot(chroot), calls), new HeldCallbacks());
}
