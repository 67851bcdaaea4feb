import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { EnsembleClient, type LeaderHints } from "../../src/gateway/ensemble-client.ts";
import { BY_LEADER, type Placement } from "../../src/gateway/placement.ts";
import type { AdminQuorum } from "../../src/core/admin-data.ts";
import { isFailure } from "../../src/core/keeper-error.ts";
import type { SessionToken } from "../../src/core/session.ts";
import { formatObjectName } from "../../src/shard/object-name.ts";
import type { ShardAnswer } from "../../src/shard/shard-api.ts";
import type { Configuration, Sid } from "../../src/zab/configuration.ts";
import { parseEnsemble } from "../../src/zab/ensemble-text.ts";
import { ADMIN, openShard, type ShardUnderTest } from "./client.ts";
import { observe } from "./worker.ts";

const OPEN = [{ perms: 31, id: { scheme: "world", id: "anyone" } }];

/** An ensemble of a test, in a namespace that nobody used before. */
export class Ensemble {
  readonly namespace: string = crypto.randomUUID();
  readonly configuration: Configuration;
  readonly #hints: LeaderHints = new Map();

  /** @param text - of `ENSEMBLE`, for the members of this one. */
  constructor(text: unknown) {
    const ensemble = parseEnsemble(text);
    if (isFailure(ensemble)) throw new Error(ensemble.message);
    this.configuration = ensemble.configuration;
    for (const sid of this.sids) observe(this.nameOf(sid)).ensemble = text;
  }

  /** From now on members that start find another `ENSEMBLE`, and all of them start. */
  async rename(text: unknown): Promise<void> {
    for (const sid of this.sids) {
      observe(this.nameOf(sid)).ensemble = text;
      await this.crash(sid);
    }
  }

  get sids(): readonly Sid[] {
    return this.configuration.members.map(({ sid }) => sid);
  }

  nameOf(sid: Sid): string {
    return formatObjectName(this.namespace, sid);
  }

  /** The object of a member. */
  member(sid: Sid): ShardUnderTest {
    return openShard(this.nameOf(sid));
  }

  /** The whole of it, as the gateway sees it. */
  client(placement: Placement = BY_LEADER): EnsembleClient {
    const objects = (env as unknown as Record<string, DurableObjectNamespace>)["OBSERVED"];
    if (objects === undefined) throw new Error("the test project binds OBSERVED");
    const { namespace, configuration: ensemble } = this;
    return new EnsembleClient({ objects, namespace, ensemble, hints: this.#hints, placement });
  }

  async quorumOf(sid: Sid): Promise<AdminQuorum> {
    const { quorum } = await this.member(sid).api.status();
    if (quorum === undefined) throw new Error(`member ${sid} says that it stands alone`);
    return quorum;
  }

  /** Whom a member follows or is. */
  async leader(): Promise<Sid> {
    const { quorum } = await this.client().status();
    return quorum?.sid ?? 0;
  }

  create(path: string, placement?: Placement): Promise<ShardAnswer> {
    const request = { op: "create2", path, data: null, acl: OPEN, flags: 0, ttlMs: 0 } as const;
    return this.client(placement).call({ identity: ADMIN, request });
  }

  /** Opens a session that no connection serves. */
  async openSession(timeoutMs: number): Promise<SessionToken> {
    const { outcome } = await this.client().openSession({ identity: ADMIN, timeoutMs });
    if (isFailure(outcome)) throw new Error(outcome.message);
    const { id, password = new Uint8Array() } = outcome;
    return { id, password };
  }

  async createEphemeral(path: string, session: SessionToken): Promise<void> {
    const request = { op: "create2", path, data: null, acl: OPEN, flags: 1, ttlMs: 0 } as const;
    const { outcome } = await this.client().call({ identity: ADMIN, session, request });
    if (isFailure(outcome)) throw new Error(outcome.message);
  }

  async exists(path: string, placement?: Placement): Promise<boolean> {
    const request = { op: "exists", path, watch: false } as const;
    const { outcome } = await this.client(placement).call({ identity: ADMIN, request });
    return !isFailure(outcome);
  }

  /** A member can't be reached from now on, and loses what it has in memory. */
  async stop(sid: Sid): Promise<void> {
    observe(this.nameOf(sid)).isStopped = true;
    await this.crash(sid);
  }

  /** It can be reached again; asks it something, so that it wakes. */
  async start(sid: Sid): Promise<void> {
    observe(this.nameOf(sid)).isStopped = false;
    await this.quorumOf(sid);
  }

  /** Makes the storage of a member say that it is the same member's of another ensemble. */
  async takeOwner(sid: Sid, other: Ensemble): Promise<void> {
    const [row] = await runInDurableObject(other.member(sid).stub, (_, { storage }) =>
      storage.sql.exec("SELECT value FROM meta WHERE key = 'member'").toArray(),
    );
    const value = row?.["value"];
    if (value === undefined) throw new Error("expected a row that names the owner");
    await runInDurableObject(this.member(sid).stub, async (_, { storage }) => {
      storage.sql.exec("UPDATE meta SET value = ? WHERE key = 'member'", value);
      await storage.sync();
    });
    await this.crash(sid);
  }

  /** Resets a member as a crash of its host would. */
  async crash(sid: Sid): Promise<void> {
    await runInDurableObject(this.member(sid).stub, (_, ctx) => ctx.abort("planned crash")).catch(
      () => {
        // The caller of an object that is reset gets an error; here it is expected.
      },
    );
  }
}
