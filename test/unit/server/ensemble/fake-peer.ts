import type { Zxid } from "../../../../src/core/zxid.ts";
import type { Peer } from "../../../../src/server/ensemble/peer.ts";
import type { MemoryStore } from "../../../../src/storage/memory-store.ts";
import type { Sid } from "../../../../src/zab/configuration.ts";
import type { SnapshotSlice } from "../../../../src/zab/history.ts";
import type { LogRow } from "../../../../src/zab/log-row.ts";
import type { Packet, PacketBody } from "../../../../src/zab/packet.ts";
import type { PeerStatus } from "../../../../src/zab/peer-status.ts";
import type { PeerRole, PersistStep, Ready, Report } from "../../../../src/zab/ready.ts";

type Proposal = Extract<Packet, { readonly type: "DIFF" | "PROPOSAL" | "INFORM" }>;

/**
 * Replication for tests of the server beside it: who leads is the test's word, logs are made equal by
 * hand, and broadcast is a proposal, acknowledgements of a majority, a commit. Nothing is sent twice.
 */
export class FakePeer implements Peer {
  role: PeerRole = { type: "looking" };
  /** How often somebody asked for a leader. */
  leaderNeeds = 0;
  /** Whom the server wanted to be let in. */
  readonly admitted: Sid[] = [];
  readonly #sid: Sid;
  readonly #store: MemoryStore;
  readonly #others: readonly Sid[];
  readonly #incarnation: number;
  #readies: Ready[] = [];
  #isPersisting = false;
  #acks = new Map<Zxid, number>();
  #round = 0;
  #pongs = new Map<number, number>();
  #committed = 0;
  /** Came ahead of what is before them. */
  #early: Proposal[] = [];

  constructor(sid: Sid, others: readonly Sid[], store: MemoryStore, incarnation: number) {
    this.#sid = sid;
    this.#others = others;
    this.#store = store;
    this.#incarnation = incarnation;
  }

  /** Becomes something: the log is cut and completed as given, all of it is committed. */
  become(
    role: PeerRole,
    log?: { readonly cutAfter?: Zxid; readonly rows?: readonly LogRow[] },
  ): void {
    const persist: PersistStep[] = [];
    const reports: Report[] = [];
    if (role.type === "looking") {
      this.role = role;
      this.#readies.push({ persist, send: [], reports: [{ type: "role", role }] });
      return;
    }
    if (log?.cutAfter !== undefined) {
      persist.push({ type: "truncate", after: log.cutAfter });
      reports.push({ type: "discarded", zxid: log.cutAfter });
    }
    const rows = log?.rows ?? [];
    if (rows.length > 0) {
      persist.push({ type: "append", rows });
      reports.push({ type: "learned", rows });
    }
    const zxid = rows.at(-1)?.lastZxid ?? log?.cutAfter ?? this.#store.log.lastZxid;
    this.role = role;
    this.#committed = Math.max(this.#committed, zxid);
    this.#acks.clear();
    this.#early = [];
    reports.push({ type: "persisted", zxid }, { type: "committed", zxid }, { type: "role", role });
    persist.push(this.#hardState());
    this.#readies.push({ persist, send: [], reports });
  }

  #hardState(): PersistStep {
    const epoch = this.role.type === "looking" ? 0 : this.role.epoch;
    const state =
      this.role.type === "leading"
        ? "LEADING"
        : this.role.type === "learning"
          ? "FOLLOWING"
          : "LOOKING";
    return {
      type: "hardState",
      hardState: {
        acceptedEpoch: epoch,
        currentEpoch: epoch,
        committedZxid: Math.min(this.#committed, this.#store.log.lastZxid),
        state,
        leader: 0,
        configuration: undefined,
      },
    };
  }

  step(packet: Packet): void {
    const { role } = this;
    if (role.type === "looking" || !("epoch" in packet) || packet.epoch !== role.epoch) return;
    switch (packet.type) {
      case "PROPOSAL":
        this.#early.push(packet);
        return this.#takeProposals();
      case "ACK":
        return this.#takeAck(packet.zxid);
      case "COMMIT":
        return this.#commit(packet.zxid);
      case "PING":
        return this.#pong(packet.from, packet.round, packet.incarnation);
      case "PONG":
        if (packet.leaderIncarnation === this.#incarnation) this.#takePong(packet.round);
        return;
      default:
    }
  }

  #takeProposals(): void {
    let lastZxid = this.#lastZxid();
    for (;;) {
      const next = this.#early.find(({ prevZxid }) => prevZxid === lastZxid);
      if (next === undefined) return;
      this.#early = this.#early.filter((each) => each !== next);
      lastZxid = next.rows.at(-1)?.lastZxid ?? lastZxid;
      const { rows, origins, epoch } = next;
      const ack = { type: "ACK", epoch, zxid: lastZxid, committedZxid: this.#committed } as const;
      this.#push({
        persist: [{ type: "append", rows }],
        send: [this.#packet(next.from, ack)],
        reports: [
          { type: "learned", rows, ...(origins === undefined ? {} : { origins }) },
          { type: "persisted", zxid: lastZxid },
          // A commit may have come before what it commits.
          { type: "committed", zxid: Math.min(lastZxid, this.#committed) },
        ],
      });
    }
  }

  /** As of all that was asked for, carried out or not. */
  #lastZxid(): Zxid {
    const steps = this.#readies.flatMap(({ persist }) => persist);
    const last = steps.findLast(({ type }) => type === "append");
    const rows = last?.type === "append" ? last.rows : [];
    return rows.at(-1)?.lastZxid ?? this.#store.log.lastZxid;
  }

  #takeAck(zxid: Zxid): void {
    if (this.role.type !== "leading") return;
    const { epoch } = this.role;
    for (const [proposed, count] of this.#acks) {
      if (proposed <= zxid) this.#acks.set(proposed, count + 1);
    }
    for (const [proposed, count] of this.#acks) {
      if (count < this.#majority) return;
      this.#acks.delete(proposed);
      this.#committed = proposed;
      this.#push({
        persist: [this.#hardState()],
        send: this.#others.map((to) => this.#packet(to, { type: "COMMIT", epoch, zxid: proposed })),
        reports: [{ type: "committed", zxid: proposed }],
      });
    }
  }

  #commit(zxid: Zxid): void {
    this.#committed = Math.max(this.#committed, zxid);
    const reached = Math.min(this.#committed, this.#lastZxid());
    this.#push({
      persist: [this.#hardState()],
      reports: [{ type: "committed", zxid: reached }],
    });
  }

  #pong(to: Sid, round: number, leaderIncarnation: number): void {
    if (this.role.type !== "learning") return;
    const { epoch } = this.role;
    this.#push({ send: [this.#packet(to, { type: "PONG", epoch, round, leaderIncarnation })] });
  }

  #takePong(round: number): void {
    const count = (this.#pongs.get(round) ?? 1) + 1;
    this.#pongs.set(round, count);
    if (count === this.#majority) this.#push({ reports: [{ type: "confirmed", round }] });
  }

  get #majority(): number {
    return Math.floor((this.#others.length + 1) / 2) + 1;
  }

  propose(rows: readonly LogRow[], _nowMs: number, originsOf?: (sid: Sid) => unknown): void {
    if (this.role.type !== "leading") throw new Error("only a leader proposes");
    const { epoch } = this.role;
    const prevZxid = this.#lastZxid();
    const zxid = rows.at(-1)?.lastZxid ?? 0;
    this.#acks.set(zxid, 1);
    const proposal = { type: "PROPOSAL", epoch, prevZxid, rows, committedZxid: 0 } as const;
    this.#push({
      persist: [{ type: "append", rows }],
      send: this.#others.map((to) => this.#packet(to, { ...proposal, origins: originsOf?.(to) })),
      reports: [{ type: "persisted", zxid }],
    });
    if (this.#majority === 1) this.#takeAck(0);
  }

  confirm(): number {
    if (this.role.type !== "leading") throw new Error("only a leader confirms");
    const { epoch } = this.role;
    this.#round += 1;
    const ping = { type: "PING", epoch, round: this.#round, committedZxid: 0 } as const;
    this.#push({ send: this.#others.map((to) => this.#packet(to, ping)) });
    return this.#round;
  }

  #push(ready: Partial<Ready>): void {
    this.#readies.push({ persist: [], send: [], reports: [], ...ready });
  }

  #packet(to: Sid, body: PacketBody): Packet {
    const from = this.#sid;
    const incarnation = this.#incarnation;
    return { from, to, ensemble: "test", incarnation, configVersion: 0, ...body };
  }

  /** A snapshot of one slice came in and replaces the tables. */
  install(slice: SnapshotSlice): void {
    const { zxid = 0 } = slice;
    this.#push({
      persist: [
        { type: "stageSnapshot", slice },
        { type: "installSnapshot", zxid },
      ],
      reports: [{ type: "installed", zxid }],
    });
  }

  /** Reports something that the test wants the server to hear. */
  report(...reports: Report[]): void {
    this.#push({ reports });
  }

  needLeader(): void {
    this.leaderNeeds += 1;
  }

  admit(sids: readonly Sid[]): void {
    this.admitted.push(...sids);
  }

  takeReady(): Ready | undefined {
    if (this.#isPersisting) return undefined;
    const ready = this.#readies.shift();
    this.#isPersisting = ready !== undefined;
    return ready;
  }

  persisted(): void {
    this.#isPersisting = false;
  }

  tick(): void {}

  unreachable(): void {}

  stepDown(): void {}

  nextTickMs(): undefined {
    return undefined;
  }

  status(): PeerStatus {
    throw new Error("a fake peer has no status");
  }
}
