import type { AdminQuorum } from "../core/admin-data.ts";
import { createMember } from "../server/ensemble/create-member.ts";
import type { EnsembleRunner } from "../server/ensemble/ensemble-runner.ts";
import { type Membership, warningsOf } from "../server/ensemble/membership.ts";
import { findElsewhere, isDoubtful } from "../server/ensemble/routing.ts";
import type { MemberOptions as ServerMember } from "../server/ensemble/member-state.ts";
import type { ZooKeeperServer } from "../server/zookeeper-server.ts";
import type { Store } from "../storage/store.ts";
import type { Sid } from "../zab/configuration.ts";
import type { QuorumPeer } from "../zab/quorum-peer.ts";
import type { PeerRole } from "../zab/ready.ts";
import { MemberTransport } from "./member-transport.ts";
import type { Envelope, Exchanged, NotServing, Routing } from "./shard-api.ts";

/** Who a member is, and where the others are. */
export interface MemberParts extends Membership {
  readonly objects: DurableObjectNamespace;
}

/** What a member needs of its object. */
export interface MemberOptions extends MemberParts {
  readonly store: Store;
  readonly makeServer: (member: ServerMember) => ZooKeeperServer;
  /** Runs what the network reports, as an event of the object. */
  readonly run: (body: () => void) => void;
}

/** How long a call is held for a leader to be found, milliseconds. */
const HOLD_MS = 1_000;

/** A member of an ensemble: its runner, its replication, and the way to the others. */
export class Member {
  readonly runner: EnsembleRunner;
  readonly #options: MemberOptions;
  readonly #peer: QuorumPeer;
  #role: PeerRole;
  /** Calls that wait for news. */
  #waiting: (() => void)[] = [];

  constructor(options: MemberOptions) {
    this.#options = options;
    const { sid, ensemble, run } = options;
    const transport = new MemberTransport({
      ...options,
      regionOf: (other) => this.runner.regionOf(other),
      answered: (from, packets) => run(() => this.#take(from, packets, transport)),
      unreachable: (other) => run(() => this.runner.unreachable(other, Date.now())),
    });
    const { peer, runner } = createMember({
      ...options,
      incarnation: drawIncarnation(),
      nowMs: Date.now(),
      send: (to, packets) => transport.send(to, packets),
    });
    this.#peer = peer;
    this.runner = runner;
    this.#role = this.#peer.role;
    // oxlint-disable-next-line no-console -- the Worker's log is where its operator looks
    for (const warning of this.status().warnings) console.warn(`${ensemble}#${sid}: ${warning}`);
  }

  status(): AdminQuorum {
    const status = this.runner.status();
    const isReadOnly = this.runner.server.isReadOnly(Date.now());
    const warnings = warningsOf(this.#options, status.configuration);
    return { ...status, isReadOnly, warnings };
  }

  /** Takes in the packets of another member; those of a stranger are refused. */
  exchange({ ensemble, from, to, packets }: Envelope): Exchanged {
    const { ensemble: own, sid } = this.#options;
    if (ensemble !== own || to !== sid || from === sid) {
      return { refused: `expected packets for member ${sid} of ${own}, saw ${to} of ${ensemble}` };
    }
    const back = this.runner.receive(from, packets, Date.now());
    this.#heard(from);
    return { packets: back };
  }

  /** Decides whether a call is served here, at once or after a leader was looked for. */
  async findElsewhere(routing: Routing): Promise<NotServing | undefined> {
    const deadlineMs = Date.now() + HOLD_MS;
    for (;;) {
      const { role } = this.#peer;
      const leftMs = deadlineMs - Date.now();
      if (routing.canBeReadOnly === true && this.status().isReadOnly === true) return undefined;
      if (!isDoubtful(role, routing) || leftMs <= 0) return findElsewhere(role, routing);
      this.#options.run(() => {
        this.#peer.needLeader(Date.now());
        this.runner.flush(Date.now());
      });
      await this.#news(role, leftMs);
      // Its leader gave a sign of life: the caller may ask that again.
      if (role.type === "learning" && this.#peer.role === role) return findElsewhere(role, routing);
    }
  }

  /** The end of every event: who waits for another role hears of it. */
  settle(): void {
    if (this.#peer.role === this.#role) return;
    this.#role = this.#peer.role;
    this.#tellWaiting();
  }

  /** Something came from another member, and be it an empty answer. */
  #heard(from: Sid): void {
    const { role } = this.#peer;
    if (role.type === "learning" && role.leader === from) this.#tellWaiting();
  }

  #tellWaiting(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Waits for another role, or for a sign of life of the leader. */
  async #news(role: PeerRole, waitMs: number): Promise<void> {
    if (this.#peer.role !== role) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    const timer = setTimeout(resolve, waitMs);
    await promise;
    clearTimeout(timer);
  }

  /** What came back is no call: what it leads to is one. */
  #take(from: Sid, packets: Envelope["packets"], transport: MemberTransport): void {
    const back = packets.length === 0 ? [] : this.runner.receive(from, packets, Date.now());
    this.#heard(from);
    if (back.length > 0) transport.send(from, back);
  }
}

/** Tells the lives of a member apart; not 0. */
function drawIncarnation(): number {
  const [drawn = 0] = crypto.getRandomValues(new Uint32Array(1));
  return drawn + 1;
}
