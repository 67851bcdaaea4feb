import { Code, failure, type Failure } from "../core/keeper-error.ts";
import type { Limits } from "../core/limits.ts";
import { formatZxid, type Zxid } from "../core/zxid.ts";
import { joinEnsemble, standAlone } from "../server/ensemble/membership.ts";
import type { CacheGovernor } from "../storage/cache-governor.ts";
import type { LogWindow } from "../storage/log-window.ts";
import type { SqlDatabase } from "../storage/sql-database.ts";
import { SqlStore } from "../storage/sql-store.ts";
import type { Store } from "../storage/store.ts";
import type { Alarm } from "./alarm.ts";
import type { Env } from "./env.ts";
import type { MemberParts } from "./member.ts";
import { parseObjectName } from "./object-name.ts";
import { RunningShard } from "./running-shard.ts";

/** What a shard is recovered from, and what it runs with. */
export interface RecoverOptions {
  readonly ctx: DurableObjectState;
  readonly env: Env;
  readonly alarm: Alarm;
  readonly database: SqlDatabase;
  readonly governor: CacheGovernor;
  readonly logWindow: LogWindow;
  readonly limits: Limits;
}

/** A shard that could not recover, and what is known of it. */
export interface Unrecovered {
  /** Of the last txn in the log; 0 if not even that can be read. */
  readonly zxid: Zxid;
  readonly failure: Failure;
  /** For the export of the log, if it can be opened at all. */
  readonly store: Store | undefined;
}

/**
 * Recovers a shard from its log and tables. Nothing is repaired: whatever is wrong stays as it is
 * for a human to look at, and what a failed attempt wrote is rolled back.
 */
export function recover(options: RecoverOptions): RunningShard | Unrecovered {
  const { ctx, env, alarm, database, governor, logWindow, limits } = options;
  let store: Store | undefined;
  try {
    return database.transaction(() => {
      const opened = new SqlStore(database, { governor, logWindow });
      store = opened;
      const config = env.SUPER_DIGEST === undefined ? {} : { superDigest: env.SUPER_DIGEST };
      const member = memberOf(ctx.id.name, env, opened);
      return new RunningShard({ ctx, store: opened, alarm, limits, config, member });
    });
  } catch (error) {
    // Whatever it is, the shard must not be served from what it left in memory.
    const zxid = store?.log.lastZxid ?? 0;
    const reason = error instanceof Error ? error.message : String(error);
    const message = `the shard can't recover at zxid ${formatZxid(zxid)}: ${reason}`;
    return { zxid, failure: failure(Code.CONNECTIONLOSS, message), store };
  }
}

/** The name of an object says whether it is a member, and of which ensemble. */
function memberOf(name = "", env: Env, store: Store): MemberParts | undefined {
  const { shard: ensemble, sid } = parseObjectName(name);
  if (sid === undefined) {
    standAlone(store);
    return undefined;
  }
  return { ...joinEnsemble(store, { ensemble, sid }, env.ENSEMBLE), objects: env.SHARD };
}
