import type { Stat } from "../core/stat.ts";
import { type Zxid, formatZxid } from "../core/zxid.ts";
import { formatSessionId } from "../protocol/session-token.ts";

/** The headers on which an answer about znodes depends. Source: RFC 9110 §12.5.5. */
const VARY = "Accept, Authorization, Origin, Session, ZooKeeper-Auth";

/** What every answer of a shard has. */
export interface AnswerInit {
  readonly zxid: Zxid;
  readonly isReplayed?: boolean;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The headers of an answer that a shard gave: its zxid, and that caches must ask again. */
export function answerHeaders(init: AnswerInit): Record<string, string> {
  return {
    Zxid: formatZxid(init.zxid),
    "Cache-Control": "no-cache, private",
    Vary: VARY,
    ...(init.isReplayed === true && { "Idempotency-Replayed": "true" }),
    ...init.headers,
  };
}

/** Answers JSON text, as the protocol's codec makes it. */
export function jsonResponse(json: string, init: AnswerInit): Response {
  return new Response(`${json}\n`, {
    status: init.status ?? 200,
    headers: { ...answerHeaders(init), "Content-Type": "application/json" },
  });
}

/** The Stat as headers. */
export function statHeaders(stat: Stat): Record<string, string> {
  return {
    "Znode-Czxid": formatZxid(stat.czxid),
    "Znode-Mzxid": formatZxid(stat.mzxid),
    "Znode-Pzxid": formatZxid(stat.pzxid),
    "Znode-Ctime": `${stat.ctime}`,
    "Znode-Mtime": `${stat.mtime}`,
    "Znode-Version": `${stat.version}`,
    "Znode-Cversion": `${stat.cversion}`,
    "Znode-Aversion": `${stat.aversion}`,
    "Znode-Ephemeral-Owner": formatSessionId(stat.ephemeralOwner),
    "Znode-Data-Length": `${stat.dataLength}`,
    "Znode-Num-Children": `${stat.numChildren}`,
  };
}
