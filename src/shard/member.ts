import type { AdminQuorum } from "../core/admin-data.ts";
import { EnsembleRunner } from "../server/ensemble/ensemble-runner.ts";
import type { MemberOptions as ServerMember } from "../server/ensemble/member-state.ts";
import type { ZooKeeperServer } from "../server/zookeeper-server.ts";
import { StoreHistory } from "../storage/store-history.ts";
import type { Store } from "../storage/store.ts";
import type { Configuration, Sid } from "../zab/configuration.ts";
import { findDifference, type InitialEnsemble } from "../zab/ensemble-text.ts";
import { QuorumPeer } from "../zab/quorum-peer.ts";
import type { PeerRole } from "../zab/ready.ts";
import { MemberTransport } from "./member-transport.ts";
import type { Envelope, Exchanged, NotServing, Routing } from "./shard-api.ts";

/** Who a member is. */
export interface MemberParts {
  /** Objects of the other members. */
  readonly objects: DurableObjectNamespace;
  readonly namespace: string;
  readonly ensemble: string;
  readonly sid: Sid;
  /** Counts until one was committed. */
  readonly initial: Configuration;
  /** What the operator's variable says today; undefined if that is nothing. */
  readonly variable: InitialEnsemble | undefined;
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
  /** Calls that wait for another role. */
  #waiting: (() => void)[] = [];

  constructor(options: MemberOptions) {
    this.#options = options;
    const { store, sid, ensemble, initial, run } = options;
    const hardState = store.hardState();
    const configuration = hardState.configuration ?? initial;
    const incarnation = drawIncarnation();
    this.#peer = new QuorumPeer({
      sid,
      ensemble,
      initialConfiguration: initial,
      hardState,
      history: new StoreHistory(store),
      configurationIn: () => undefined,
      incarnation,
      nowMs: Date.now(),
    });
    const transport = new MemberTransport({
      ...options,
      regionOf: (other) => this.#regionOf(other),
      answered: (from, packets) => run(() => this.#take(from, packets, transport)),
      unreachable: (other) => run(() => this.runner.unreachable(other, Date.now())),
    });
    this.runner = new EnsembleRunner({
      store,
      peer: this.#peer,
      makeServer: () => options.makeServer({ sid, incarnation, configuration }),
      send: (to, packets) => transport.send(to, packets),
    });
    this.#role = this.#peer.role;
    // oxlint-disable-next-line no-console -- the Worker's log is where its operator looks
    for (const warning of this.status().warnings) console.warn(`${ensemble}#${sid}: ${warning}`);
  }

  /** When {@link tick} is wanted while the object is awake, ms since 1970. */
  nextTickMs(): number | undefined {
    return this.#peer.nextTickMs();
  }

  status(): AdminQuorum {
    const { variable } = this.#options;
    const status = this.#peer.status();
    const difference = variable && findDifference(variable.configuration, status.configuration);
    const warnings = [...(variable?.warnings ?? []), ...(difference ? [difference] : [])];
    return { ...status, warnings };
  }

  /** Takes in the packets of another member; those of a stranger are refused. */
  exchange({ ensemble, from, to, packets }: Envelope): Exchanged {
    const { ensemble: own, sid } = this.#options;
    if (ensemble !== own || to !== sid || from === sid) {
      return { refused: `expected packets for member ${sid} of ${own}, saw ${to} of ${ensemble}` };
    }
    return { packets: this.runner.receive(from, packets, Date.now()) };
  }

  /** Decides whether a call is served here, at once or after a leader was looked for. */
  async findElsewhere(routing: Routing): Promise<NotServing | undefined> {
    const deadlineMs = Date.now() + HOLD_MS;
    for (;;) {
      const { role } = this.#peer;
      const leftMs = deadlineMs - Date.now();
      if (!isDoubtful(role, routing) || leftMs <= 0) return elsewhere(role, routing);
      this.#options.run(() => {
        this.#peer.needLeader(Date.now());
        this.runner.flush(Date.now());
      });
      await this.#otherRole(role, leftMs);
    }
  }

  /** The end of every event: who waits for another role hears of it. */
  settle(): void {
    if (this.#peer.role === this.#role) return;
    this.#role = this.#peer.role;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  async #otherRole(role: PeerRole, waitMs: number): Promise<void> {
    if (this.#peer.role !== role) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push(resolve);
    const timer = setTimeout(resolve, waitMs);
    await promise;
    clearTimeout(timer);
  }

  /** What came back is no call: what it leads to is one. */
  #take(from: Sid, packets: Envelope["packets"], transport: MemberTransport): void {
    const back = this.runner.receive(from, packets, Date.now());
    if (back.length > 0) transport.send(from, back);
  }

  #regionOf(sid: Sid): string | undefined {
    const { configuration, proposedConfiguration } = this.#peer.status();
    const members = [...configuration.members, ...(proposedConfiguration?.members ?? [])];
    return members.find((member) => member.sid === sid)?.region;
  }
}

/** Nobody leads, or whoever does could not be reached by the caller. */
function isDoubtful(role: PeerRole, { by, lost }: Routing): boolean {
  return (
    role.type === "looking" || (role.type === "learning" && by === "leader" && role.leader === lost)
  );
}

function elsewhere(role: PeerRole, { by }: Routing): NotServing | undefined {
  if (role.type === "leading" || (role.type === "learning" && by === "any")) return undefined;
  return { type: "notServing", leader: role.type === "learning" ? role.leader : undefined };
}

/** Tells the lives of a member apart; not 0. */
function drawIncarnation(): number {
  const [drawn = 0] = crypto.getRandomValues(new Uint32Array(1));
  return drawn + 1;
}
