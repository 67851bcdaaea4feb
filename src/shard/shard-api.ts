import type { AdminData, AdminDetail, StatisticsKind } from "../core/admin-data.ts";
import type { SessionId } from "../core/data-node.ts";
import type { Identity } from "../core/identity.ts";
import type { Zxid } from "../core/zxid.ts";
import type {
  Call as ShardCall,
  CallAnswer as ShardAnswer,
  SessionCall,
  SessionView,
} from "../server/call.ts";
import type { MemberPacket } from "../server/ensemble/member-message.ts";
import type { NotServing, Routing } from "../server/ensemble/routing.ts";
import type { Sid } from "../zab/configuration.ts";
import type { LogRow } from "../zab/log-row.ts";

export type { NotServing, Routing, SessionCall, SessionView, ShardAnswer, ShardCall };

/**
 * What the gateway may ask of a shard by RPC. WebSockets come through `fetch` with the header
 * {@link IDENTITY_HEADER} and leave as the runtime's 101.
 */
export interface ShardApi {
  call(call: ShardCall): Promise<ShardAnswer>;
  openSession(call: {
    readonly identity: Identity;
    readonly timeoutMs: number;
  }): Promise<ShardAnswer<SessionView>>;
  keepSession(call: SessionCall): Promise<ShardAnswer<SessionView>>;
  describeSession(call: SessionCall): Promise<ShardAnswer<SessionView>>;
  closeSession(call: SessionCall): Promise<ShardAnswer<{ readonly id: SessionId }>>;
  /** What operators see; the lists in it only if they are asked for. */
  status(details?: readonly AdminDetail[]): Promise<AdminData>;
  /** Starts the statistics of the server, or of all its connections, anew. */
  resetStatistics(kind: StatisticsKind): Promise<void>;
  /** Whole batches of the log behind `after`, some MiB of them; also of a shard that can't recover. */
  exportLog(after: Zxid): Promise<readonly LogRow[]>;
  fetch(request: globalThis.Request): Promise<Response>;
}

/** What one call between members carries: everything that one flush sends to one member. */
export interface Envelope {
  /** The shard that it holds: a stranger's packets are refused. */
  readonly ensemble: string;
  readonly from: Sid;
  readonly to: Sid;
  readonly packets: readonly MemberPacket[];
}

/** What a member says back at once, or why it takes nothing. */
export type Exchanged =
  | { readonly packets: readonly MemberPacket[] }
  | { readonly refused: string };

/** A member as the others call it. */
export interface MemberPort {
  exchange(envelope: Envelope): Promise<Exchanged>;
}

/** What may be asked of whichever member serves it. */
export type RoutedMethod = Exclude<keyof ShardApi, "fetch">;

/** A member of an ensemble, as the gateway calls it. */
export interface MemberApi extends ShardApi {
  /**
   * Calls one of the methods, if this member is who should serve it; without a method only says
   * whether it is.
   */
  routed(
    routing: Routing,
    method?: RoutedMethod,
    args?: readonly unknown[],
  ): Promise<NotServing | { readonly type: "served"; readonly value: unknown }>;
}

/** JSON of a {@link Routing}, on an upgrade to a member; one that doesn't serve it answers 421. */
export const ROUTING_HEADER = "x-edgekeeper-routing";

/** The leader that a member knows, on its 421. */
export const LEADER_HEADER = "x-edgekeeper-leader";

/** `local` on an upgrade: reads of the connection are local unless they say otherwise. */
export const CONSISTENCY_HEADER = "x-edgekeeper-consistency";

/** JSON of an {@link Identity}, set by the gateway and stripped from whatever comes in. */
export const IDENTITY_HEADER = "x-edgekeeper-identity";
