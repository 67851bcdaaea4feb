import type { Id } from "../../../src/core/acl.ts";
import type { Dial, TransportListener } from "../../../src/client/transport.ts";
import { configurationIn } from "../../../src/server/ensemble/configuration-text.ts";
import type { Sid } from "../../../src/zab/configuration.ts";
import { EnsembleHarness, type TestMember } from "../server/ensemble/ensemble-harness.ts";
import { START_MS } from "../server/server-harness.ts";
import type { FakeClock } from "./fake-clock.ts";
import { Link } from "./link.ts";

/** Far from the ids that the harness gives to connections of its own. */
const FIRST_ID = 1_000_000;

/** The members of an ensemble behind the native codec, as the servers `m1:2181`, `m2:2181`, …. */
export class EnsembleService {
  readonly ensemble: EnsembleHarness;
  /** Servers dialled, in order. */
  readonly dialled: string[] = [];
  /** Members that clients do not reach. */
  readonly away: Set<Sid> = new Set();
  /** Members that hear nothing of what clients send. */
  readonly deaf: Set<Sid> = new Set();
  /** Of whoever connects. */
  readonly #ids: readonly Id[];
  readonly #clock: FakeClock;
  readonly #links = new Map<Link, TestMember>();
  #lastId = FIRST_ID;

  constructor(
    clock: FakeClock,
    ids: readonly Id[],
    ensemble: EnsembleHarness = new EnsembleHarness(),
  ) {
    this.#clock = clock;
    this.#ids = ids;
    this.ensemble = ensemble;
  }

  /** The connect string. */
  get servers(): string {
    return this.ensemble.sids.map((sid) => `m${sid}:2181`).join();
  }

  readonly dial: Dial = (server, listener) => {
    this.dialled.push(server);
    const link = new Link((this.#lastId += 1), listener, () => this.#forget(link));
    const sid: Sid = Number(/^m(\d+)/.exec(server)?.[1]);
    queueMicrotask(() => this.#open(link, sid, listener));
    return {
      send: (frames) => queueMicrotask(() => this.#receive(link, frames)),
      ping: () => {
        if (link.ping("working")) {
          this.#links.get(link)?.lastSeen.set(link.id, this.#nowMs);
        }
      },
      close: () => link.hangUp(),
    };
  };

  /** A member reaches no other one, and serves reads a tick later. */
  isolate(sid: Sid): void {
    this.ensemble.cut.add(sid);
    this.ensemble.member(sid).peer.become({ type: "looking" });
    this.#flush(sid);
  }

  /** The connections to a member break, and there are no new ones. */
  leave(sid: Sid): void {
    this.away.add(sid);
    for (const [link, member] of this.#links) if (member.sid === sid) link.lose("cut");
  }

  elect(leader: Sid): void {
    this.#settle();
    this.ensemble.elect(leader);
  }

  get #nowMs(): number {
    return START_MS + this.#clock.nowMs();
  }

  #open(link: Link, sid: Sid, listener: TransportListener): void {
    if (this.away.has(sid)) {
      listener.closed("nobody is there");
      return;
    }
    const member = this.ensemble.member(sid);
    const { server, connections } = member.runner;
    const identity = { role: "write" as const, ids: this.#ids };
    this.#links.set(link, member);
    connections.set(link.id, link);
    server.step({ type: "opened", nowMs: this.#nowMs, connection: link.id, identity });
    listener.opened();
  }

  #receive(link: Link, bytes: Uint8Array): void {
    const member = this.#links.get(link);
    if (member === undefined || this.deaf.has(member.sid)) return;
    for (const input of link.inputsOf(bytes, this.#nowMs)) member.runner.server.step(input);
    this.#settle();
    if (this.ensemble.cut.has(member.sid)) this.#flush(member.sid);
  }

  #forget(link: Link): void {
    const member = this.#links.get(link);
    if (member === undefined) return;
    this.#links.delete(link);
    const { server, connections } = member.runner;
    server.step({ type: "closed", nowMs: this.#nowMs, connection: link.id });
    connections.delete(link.id);
  }

  #settle(): void {
    this.ensemble.nowMs = this.#nowMs;
    this.ensemble.settle();
    for (const member of this.ensemble.members.values()) this.#configure(member);
  }

  #flush(sid: Sid): void {
    this.ensemble.nowMs = this.#nowMs;
    this.ensemble.member(sid).flush();
  }

  /** The peer of the harness does not look into the log; what it would tell is told here. */
  #configure({ store, runner }: TestMember): void {
    const rows = store.log.read(0, Number.MAX_SAFE_INTEGER);
    const configuration = rows.map((row) => configurationIn([row])).findLast((one) => one);
    if (configuration === undefined) return;
    runner.server.step({ type: "configuration", configuration, nowMs: this.#nowMs });
  }
}
