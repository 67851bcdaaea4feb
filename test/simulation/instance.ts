import { createHash } from "node:crypto";
import { LIMITS } from "../../src/core/limits.ts";
import type { WatchSnapshot } from "../../src/core/watch-manager.ts";
import type { MemberPacket } from "../../src/server/ensemble/member-message.ts";
import type { ConnectionId } from "../../src/server/input.ts";
import type { ServerPorts } from "../../src/server/server-options.ts";
import { StandaloneRunner } from "../../src/server/standalone-runner.ts";
import { ZooKeeperServer } from "../../src/server/zookeeper-server.ts";
import type { ClientConnection } from "../../src/server/client-connection.ts";
import type { Store } from "../../src/storage/store.ts";
import type { Configuration, Sid } from "../../src/zab/configuration.ts";
import type { PeerRole } from "../../src/zab/ready.ts";

/** What runs in a member between its start and its end: production code and nothing else. */
export interface Instance {
  readonly server: ZooKeeperServer;
  readonly store: Store;
  readonly connections: Map<ConnectionId, ClientConnection>;
  /** Of a member of an ensemble. */
  readonly role: PeerRole | undefined;
  /** Of an ensemble: the last one that its member knows to be committed. */
  readonly configuration: Configuration | undefined;
  start(at: { readonly nowMs: number; readonly alarmAtMs: number | undefined }): void;
  /** Runs everything that is due, then sends what is to be sent. */
  flush(nowMs: number): void;
  /** Time passed. */
  tick(nowMs: number): void;
  /** When `tick` is wanted while the object is awake; a timer, which dies with the instance. */
  nextTimerMs(): number | undefined;
  /** When `tick` is wanted, asleep or not: the alarm, which the platform keeps. */
  nextAlarmMs(): number | undefined;
  /** Takes packets of another member in; returns what goes back to it at once. */
  receive(from: Sid, packets: readonly MemberPacket[], nowMs: number): readonly MemberPacket[];
  unreachable(sid: Sid, nowMs: number): void;
  /** A client waits for a leader. */
  needLeader(nowMs: number): void;
}

/** What an instance is made from. */
export interface InstanceParts {
  readonly store: Store;
  readonly nowMs: number;
  readonly lastSeen: (connection: ConnectionId) => number;
  readonly loadWatches: (connection: ConnectionId) => WatchSnapshot | undefined;
  readonly randomBytes: (length: number) => Uint8Array;
}

/** The ports of a server, over what the simulator decides. */
export function serverPorts(parts: InstanceParts): ServerPorts {
  return {
    lastSeen: parts.lastSeen,
    loadWatches: parts.loadWatches,
    randomBytes: parts.randomBytes,
    sha1: (bytes) => new Uint8Array(createHash("sha1").update(bytes).digest()),
  };
}

/** A member that stands alone. */
export class StandaloneInstance implements Instance {
  readonly server: ZooKeeperServer;
  readonly store: Store;
  readonly role = undefined;
  readonly configuration = undefined;
  readonly #runner: StandaloneRunner;

  constructor(parts: InstanceParts) {
    this.store = parts.store;
    this.server = new ZooKeeperServer({
      store: parts.store,
      limits: LIMITS,
      enforceQuota: true,
      ports: serverPorts(parts),
      config: {},
    });
    this.#runner = new StandaloneRunner(this.server, parts.store);
  }

  get connections(): Map<ConnectionId, ClientConnection> {
    return this.#runner.connections;
  }

  start(at: { readonly nowMs: number; readonly alarmAtMs: number | undefined }): void {
    this.server.start(at);
    this.flush(at.nowMs);
  }

  flush(nowMs: number): void {
    this.#runner.flush(nowMs);
  }

  tick(nowMs: number): void {
    const wakeMs = this.server.nextWakeMs();
    if (wakeMs !== undefined && wakeMs <= nowMs) this.server.step({ type: "tick", nowMs });
    this.flush(nowMs);
  }

  nextTimerMs(): number | undefined {
    return undefined;
  }

  nextAlarmMs(): number | undefined {
    return this.server.nextWakeMs();
  }

  receive(): readonly MemberPacket[] {
    return [];
  }

  unreachable(): void {}

  needLeader(): void {}
}
