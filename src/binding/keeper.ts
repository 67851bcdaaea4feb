import { WorkerEntrypoint } from "cloudflare:workers";
import { fetchDial } from "../client/fetch-dial.ts";
import type {
  CallOptions,
  KeeperBinding,
  RemoteCalls,
  RemoteSession,
  SessionOptions,
} from "../client/keeper-binding.ts";
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
import { asKeeperError, keeperErrorOf } from "./keeper-failure.ts";
import { RemoteCallsTarget } from "./remote-calls.ts";
import { RemoteSessionTarget } from "./remote-session.ts";
import { checkRights, identityOf, namespaceOf, readRights, type Rights } from "./rights.ts";

const configOf = configReader();

/** What an operation is called with, and what it answers, where there is no session. */
type Args<Name extends keyof RemoteCalls> = Parameters<RemoteCalls[Name]>;
type Answer<Name extends keyof RemoteCalls> = ReturnType<RemoteCalls[Name]>;

/** A binding at work: what it may, and the shard that it means. */
interface Door {
  readonly rights: Rights;
  readonly shard: ShardApi;
}

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
      const { rights, shard } = this.#open(namespace);
      checkRights(rights, "write");
      const upgrade = (): Request => shardUpgrade(identityOf(rights), NATIVE_SUBPROTOCOL);
      const dial = fetchDial(() => openShardSocket(shard, upgrade()));
      const zk = new ZooKeeper("shard", { ...rest, dial });
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
      const { rights, shard } = this.#open(prefix === "" ? undefined : namespace);
      checkRights(rights, "write");
      return await openShardSocket(shard, shardUpgrade(identityOf(rights), NATIVE_SUBPROTOCOL));
    } catch (error) {
      return problemResponse(error instanceof HttpProblem ? error : unexpectedProblem(error));
    }
  }

  #calls(options: CallOptions = {}): RemoteCallsTarget {
    try {
      const { namespace, chroot = "" } = checkCallOptions(options);
      const { rights, shard } = this.#open(namespace, options.consistency === "local");
      const auth = authOf(options);
      const context = { shard, identity: identityOf(rights), auth, ...requestOptionsOf(options) };
      return new RemoteCallsTarget(context, chroot);
    } catch (error) {
      throw keeperErrorOf(error);
    }
  }

  /** @throws HttpProblem if the binding, or the Worker, is not set up right, or opens another one. */
  #open(named: string | undefined, isLocal = false): Door {
    const rights = readRights(this.ctx.props);
    const namespace = namespaceOf(rights, named);
    const placement = isLocal ? ANY : BY_LEADER;
    return { rights, shard: shardOf(this.env, configOf(this.env), { namespace, placement }) };
  }
}

/** Bindings say nothing of where their callers are. */
const ANY: Placement = { type: "any", near: [] };
