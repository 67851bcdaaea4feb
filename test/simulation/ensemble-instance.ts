import { LIMITS } from "../../src/core/limits.ts";
import type { ClientConnection } from "../../src/server/client-connection.ts";
import { createMember } from "../../src/server/ensemble/create-member.ts";
import type { EnsembleRunner } from "../../src/server/ensemble/ensemble-runner.ts";
import type { MemberPacket } from "../../src/server/ensemble/member-message.ts";
import type { ConnectionId } from "../../src/server/input.ts";
import { ZooKeeperServer } from "../../src/server/zookeeper-server.ts";
import type { Store } from "../../src/storage/store.ts";
import type { Configuration, Sid } from "../../src/zab/configuration.ts";
import type { QuorumPeer } from "../../src/zab/quorum-peer.ts";
import type { PeerRole } from "../../src/zab/ready.ts";
import { serverPorts, type Instance, type InstanceParts } from "./instance.ts";

/** Names the ensemble of a run. */
const ENSEMBLE = "default:/";

/** What makes an instance a member of an ensemble. */
export interface EnsembleParts extends InstanceParts {
  readonly sid: Sid;
  readonly initialConfiguration: Configuration;
  readonly send: (to: Sid, packets: readonly MemberPacket[]) => void;
}

/** A member of an ensemble: put together as the shard does it. */
export class EnsembleInstance implements Instance {
  readonly store: Store;
  readonly #peer: QuorumPeer;
  readonly #runner: EnsembleRunner;

  constructor(parts: EnsembleParts) {
    const { store, sid, initialConfiguration: initial, send, nowMs } = parts;
    this.store = store;
    const [first = 0, second = 0] = parts.randomBytes(2);
    const { peer, runner } = createMember({
      store,
      sid,
      ensemble: ENSEMBLE,
      initial,
      incarnation: 1 + first + 256 * second,
      nowMs,
      makeServer: (member) =>
        new ZooKeeperServer({
          store,
          limits: LIMITS,
          enforceQuota: true,
          ports: serverPorts(parts),
          config: {},
          member,
        }),
      send,
    });
    this.#peer = peer;
    this.#runner = runner;
  }

  get server(): ZooKeeperServer {
    return this.#runner.server;
  }

  get connections(): Map<ConnectionId, ClientConnection> {
    return this.#runner.connections;
  }

  get configuration(): Configuration {
    return this.#peer.status().configuration;
  }

  get role(): PeerRole {
    return this.#peer.role;
  }

  start(at: { readonly nowMs: number; readonly alarmAtMs: number | undefined }): void {
    this.#runner.start(at);
  }

  flush(nowMs: number): void {
    this.#runner.flush(nowMs);
  }

  tick(nowMs: number): void {
    this.#runner.tick(nowMs);
  }

  nextTimerMs(): number | undefined {
    return this.#runner.nextTimerMs();
  }

  nextAlarmMs(): number | undefined {
    return this.server.nextWakeMs();
  }

  receive(from: Sid, packets: readonly MemberPacket[], nowMs: number): readonly MemberPacket[] {
    return this.#runner.receive(from, packets, nowMs);
  }

  unreachable(sid: Sid, nowMs: number): void {
    this.#runner.unreachable(sid, nowMs);
  }

  needLeader(nowMs: number): void {
    this.#peer.needLeader(nowMs);
    this.#runner.flush(nowMs);
  }
}
