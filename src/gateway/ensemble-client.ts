import type { AdminData } from "../core/admin-data.ts";
import { Code, isFailure } from "../core/keeper-error.ts";
import { isWrite } from "../core/request.ts";
import { NATIVE_SUBPROTOCOL } from "../protocol/jute/native-codec.ts";
import { formatObjectName } from "../shard/object-name.ts";
import {
  CONSISTENCY_HEADER,
  LEADER_HEADER,
  type MemberApi,
  type NotServing,
  type RoutedMethod,
  type Routing,
  ROUTING_HEADER,
  type ShardAnswer,
  type ShardApi,
  type ShardCall,
} from "../shard/shard-api.ts";
import type { Configuration, Sid } from "../zab/configuration.ts";
import { type LeaderHint, MemberSearch } from "./member-search.ts";
import { BY_LEADER, type Placement, turnOf } from "./placement.ts";
import { HttpProblem } from "./problem.ts";

/**
 * How long a request waits for an election: one takes a few round trips between the regions, and
 * whoever waits longer should hear of it.
 */
const ELECTION_WAIT_MS = 3_000;

/** Between two rounds of asking everybody. */
const PAUSE_MS = 100;

/** Hints of so many namespaces are kept; then they are forgotten, which costs a round trip each. */
const HINTS_MAX = 10_000;

/** Who leads, by namespace, as far as this isolate knows. */
export type LeaderHints = Map<string, LeaderHint>;

/** What a client of an ensemble needs. */
export interface EnsembleClientOptions {
  readonly objects: DurableObjectNamespace;
  readonly namespace: string;
  /** As the operator wrote it down: members that came later are found through these. */
  readonly ensemble: Configuration;
  readonly hints: LeaderHints;
  readonly placement: Placement;
}

/** An answer, or where else to ask. */
type Routed<T> = NotServing | { readonly type: "served"; readonly value: T };

type Ask<T> = (member: MemberApi, routing: Routing) => Promise<Routed<T>>;

/** How a member is found for something. */
interface How {
  /** Asking twice does no harm. */
  readonly isSafe: boolean;
  /** Whether a member without a leader will do, and if only where no leader is found. */
  readonly readOnly?: "first" | "last";
  /** Absent = the client's. */
  readonly placement?: Placement;
}

const SAFE: How = { isSafe: true };

/**
 * An ensemble as if it were one shard: each call finds the member that serves it.
 *
 * A call is made again at another member only if that does no harm: it was refused with nothing
 * done, it changes nothing, or it has an idempotency key. What became of any other whose member
 * was lost is unknown, and its caller hears that.
 *
 * @throws HttpProblem 503 from every method if no member serves it in time: nothing was done then.
 */
export class EnsembleClient implements ShardApi {
  readonly #options: EnsembleClientOptions;

  constructor(options: EnsembleClientOptions) {
    this.#options = options;
  }

  call(call: ShardCall): ReturnType<ShardApi["call"]> {
    const isSafe = !isWrite(call.request) || call.options?.idempotencyKey !== undefined;
    // Whoever takes what a member has takes it from one without a leader, too.
    const isLocal = call.options?.consistency === "local";
    const how: How = { isSafe, ...(isLocal && { readOnly: "first" }) };
    return this.#find(async (member, routing) => {
      const routed = (await member.routed(routing, "call", [call])) as Routed<ShardAnswer>;
      const isLost = isSafe && routed.type === "served" && isConnectionLoss(routed.value);
      // Its member had a leader when it took the call, and lost it.
      return isLost ? { type: "notServing", leader: undefined } : routed;
    }, how);
  }

  /** Made twice, one of the two expires unused. */
  openSession(call: Parameters<ShardApi["openSession"]>[0]): ReturnType<ShardApi["openSession"]> {
    return this.#routed("openSession", [call], SAFE);
  }

  keepSession(call: Parameters<ShardApi["keepSession"]>[0]): ReturnType<ShardApi["keepSession"]> {
    return this.#routed("keepSession", [call], SAFE);
  }

  /** Only the leader finds out when a session was heard of: it asks the others before it ends one. */
  describeSession(
    call: Parameters<ShardApi["describeSession"]>[0],
  ): ReturnType<ShardApi["describeSession"]> {
    return this.#routed("describeSession", [call], { ...SAFE, placement: BY_LEADER });
  }

  closeSession(
    call: Parameters<ShardApi["closeSession"]>[0],
  ): ReturnType<ShardApi["closeSession"]> {
    return this.#routed("closeSession", [call], { isSafe: false });
  }

  status(details: Parameters<ShardApi["status"]>[0] = []): Promise<AdminData> {
    // When sessions end is the leader's to know.
    const how: How = details.includes("sessions")
      ? { ...SAFE, placement: BY_LEADER }
      : { ...SAFE, readOnly: "last" };
    return this.#routed("status", [details], how);
  }

  resetStatistics(
    kind: Parameters<ShardApi["resetStatistics"]>[0],
  ): ReturnType<ShardApi["resetStatistics"]> {
    return this.#routed("resetStatistics", [kind], SAFE);
  }

  exportLog(after: number): ReturnType<ShardApi["exportLog"]> {
    return this.#routed("exportLog", [after], SAFE);
  }

  /** An upgrade: nothing is asked on it before it is there. */
  fetch(request: Request): Promise<Response> {
    return this.#find<Response>(async (member, routing) => {
      const headers = new Headers(request.headers);
      headers.set(ROUTING_HEADER, JSON.stringify(routing));
      const response = await member.fetch(new Request(request, { headers }));
      if (response.status !== 421) return { type: "served", value: response };
      const leader = response.headers.get(LEADER_HEADER);
      return { type: "notServing", leader: leader === null ? undefined : Number(leader) };
    }, upgradeHow(request));
  }

  #routed<T>(method: RoutedMethod, args: readonly unknown[], how: How): Promise<T> {
    return this.#find((member, routing) => {
      // What comes back is what the method of that name answers.
      return member.routed(routing, method, args) as Promise<Routed<T>>;
    }, how);
  }

  async #find<T>(ask: Ask<T>, how: How): Promise<T> {
    const { ensemble } = this.#options;
    const { placement = this.#options.placement } = how;
    const isByLeader = placement.type === "leader";
    const search = new MemberSearch(turnOf(placement, ensemble), isByLeader ? this.#hint : {});
    const deadlineMs = Date.now() + ELECTION_WAIT_MS;
    for (;;) {
      const { sid } = search;
      const answer = await this.#ask(search, ask, { ...how, placement });
      if (answer === undefined) {
        search.failed();
      } else if (answer.type === "served") {
        if (isByLeader) this.#remember({ leader: sid });
        return answer.value;
      } else {
        search.notServing(answer.leader);
      }
      if (Date.now() >= deadlineMs) break;
      if (search.takePause()) await pause();
    }
    const answer = how.readOnly === "last" ? await this.#askReadOnly(ask, placement) : undefined;
    if (answer !== undefined) return answer.value;
    throw this.#noLeader(search, placement);
  }

  /** Asks whoever has no leader either, in turn; undefined if none serves read-only. */
  async #askReadOnly<T>(
    ask: Ask<T>,
    placement: Placement,
  ): Promise<Extract<Routed<T>, { readonly type: "served" }> | undefined> {
    for (const sid of turnOf(placement, this.#options.ensemble)) {
      try {
        const answer = await ask(this.#member(sid), { by: "any", canBeReadOnly: true });
        if (answer.type === "served") return answer;
      } catch {
        // It can't be reached: the next one may be.
      }
    }
    return undefined;
  }

  /**
   * Asks one member. One that may only be tried once is asked first whether it leads, unless somebody
   * said so: most that are lost never had anything to do with the call.
   *
   * @returns undefined if it can't be reached, and that does no harm.
   */
  async #ask<T>(
    { sid, lost, isNamed }: MemberSearch,
    ask: Ask<T>,
    { isSafe, readOnly, placement }: How & { readonly placement: Placement },
  ): Promise<Routed<T> | undefined> {
    const by = placement.type === "leader" ? "leader" : "any";
    const routing = {
      by,
      ...(lost !== undefined && { lost }),
      ...(by === "any" && readOnly === "first" && { canBeReadOnly: true }),
    } as const;
    const member = this.#member(sid);
    let isAsked = false;
    try {
      if (!isSafe && !isNamed) {
        const answer = await member.routed(routing);
        if (answer.type === "notServing") return answer;
      }
      isAsked = true;
      return await ask(member, routing);
    } catch (error) {
      // In question for everybody's next request, also if this one is over.
      if (by === "leader") this.#remember({ lost: sid });
      if (isOverloaded(error) || (isAsked && !isSafe)) throw error;
      return undefined;
    }
  }

  #member(sid: Sid): MemberApi {
    const { objects, namespace, ensemble } = this.#options;
    return memberOf(objects, { namespace, ensemble, sid });
  }

  get #hint(): LeaderHint {
    return this.#options.hints.get(this.#options.namespace) ?? {};
  }

  #remember(hint: LeaderHint): void {
    const { hints, namespace } = this.#options;
    if (hints.size >= HINTS_MAX && !hints.has(namespace)) hints.clear();
    hints.set(namespace, hint);
  }

  #noLeader({ failedCount }: MemberSearch, placement: Placement): HttpProblem {
    const { ensemble } = this.#options;
    if (placement.type === "member") {
      const what = failedCount > 0 ? "can't be reached" : "does not serve";
      return noQuorum(`member ${placement.sid} ${what}`);
    }
    const voters = ensemble.members.filter(({ type }) => type === "participant").length;
    const majority = Math.floor(voters / 2) + 1;
    return noQuorum(
      `no leader: expected a majority of ${majority} of ${voters} members, ` +
        `${failedCount} of ${ensemble.members.length} can't be reached`,
    );
  }
}

/** Nothing is asked on a socket before it is there; what a native client will do with is said on it. */
function upgradeHow({ headers }: Request): How {
  if (headers.get("Sec-WebSocket-Protocol") === NATIVE_SUBPROTOCOL) {
    return { ...SAFE, readOnly: "last" };
  }
  return headers.get(CONSISTENCY_HEADER) === "local" ? { ...SAFE, readOnly: "first" } : SAFE;
}

function isConnectionLoss({ outcome }: ShardAnswer): boolean {
  return isFailure(outcome) && outcome.code === Code.CONNECTIONLOSS;
}

/** A member of an ensemble; the object is made near its region when it is first asked for. */
export function memberOf(
  objects: DurableObjectNamespace,
  {
    namespace,
    ensemble,
    sid,
  }: {
    readonly namespace: string;
    readonly ensemble: Configuration | undefined;
    readonly sid: Sid;
  },
): MemberApi {
  const region = ensemble?.members.find((member) => member.sid === sid)?.region;
  const locationHint = region as DurableObjectLocationHint | undefined;
  const options = locationHint === undefined ? {} : { locationHint };
  const stub = objects.getByName(formatObjectName(namespace, sid), options);
  // The generated type of an RPC stub is too deep for the compiler; the interface is ours anyway.
  return stub as unknown as MemberApi;
}

function noQuorum(reason: string): HttpProblem {
  return new HttpProblem(Code.CONNECTIONLOSS, `${reason}; nothing was done`, {
    title: "the ensemble has no leader",
  });
}

/** Whether the platform asks not to be asked again. Source: Cloudflare "Error handling". */
export function isOverloaded(error: unknown): boolean {
  return error instanceof Error && "overloaded" in error && error.overloaded === true;
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
}
