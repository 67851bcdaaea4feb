import { isWrite, type Operation } from "./operation.ts";
import type { Item, Value } from "./reply.ts";

/** An item without times, ids and zxids of its server: equal on both, or a difference. */
export interface Normal {
  readonly kind: Item["kind"];
  readonly request?: Operation;
  readonly fields: Readonly<Record<string, Value>>;
}

/** What ids and zxids mean in one run of a script. */
export interface Context {
  /** The zxid of the script's root; others are counted from it. */
  readonly base: bigint;
  /** The script's root, cut off paths. */
  readonly root: string;
  /** All sessions the script has had so far, in the order they were opened. */
  readonly sessionIds: readonly bigint[];
  readonly isParallel: boolean;
}

/** All that one session received in one step. */
export function normalise(items: readonly Item[], context: Context): Normal[] {
  const nameZxid = context.isParallel ? ranks(items) : (zxid: bigint) => relative(zxid, context);
  const named = items.map((item) => normaliseItem(item, { ...context, nameZxid }));
  const placed = named.filter((item) => !hasNoPlace(item));
  return [...placed, ...named.filter(hasNoPlace).toSorted(byRequest)];
}

/**
 * The service answers a ping at the edge, without waiting for the requests before it; and ZooKeeper
 * answers auth and sasl in the thread that read them, while those before are on their way.
 */
function hasNoPlace({ request }: Normal): boolean {
  return request !== undefined && ["ping", "auth", "sasl"].includes(request.op);
}

function byRequest(a: Normal, b: Normal): number {
  const key = ({ request, fields }: Normal) => `${request?.op} ${JSON.stringify(fields["xid"])}`;
  return key(a) < key(b) ? -1 : 1;
}

interface Names extends Context {
  readonly nameZxid: (zxid: bigint) => string;
}

function normaliseItem(item: Item, names: Names): Normal {
  switch (item.kind) {
    case "reply": {
      const { request, xid, err } = item;
      const zxid = replyZxid(item, names);
      return { kind: "reply", request, fields: { xid, zxid, err, body: rename(item.body, names) } };
    }
    case "event": {
      const { type, state, err } = item;
      const zxid = names.isParallel || item.zxid < 0n ? "-1" : names.nameZxid(item.zxid);
      const path = item.path?.replaceAll(names.root, "{R}") ?? null;
      return { kind: "event", fields: { type, state, err, zxid, path } };
    }
    case "connected":
      return { kind: "connected", fields: { reply: item.reply } };
    case "unexpected":
      return { kind: "unexpected", fields: { xid: item.xid, rest: item.rest } };
    case "closed":
    case "silent":
    case "refused":
      return { kind: item.kind, fields: {} };
  }
}

function replyZxid({ request, zxid }: Extract<Item, { kind: "reply" }>, names: Names): string {
  if (request.op === "ping") return "any";
  // What others do at the same time shows in the zxid of a read.
  if (names.isParallel && !isWrite(request) && zxid > 0n) return "any";
  return names.nameZxid(zxid);
}

function relative(zxid: bigint, { base }: Context): string {
  if (zxid <= 0n) return `${zxid}`;
  return zxid >= base ? `+${zxid - base}` : "before";
}

/** The place of each zxid among those a session saw. */
function ranks(items: readonly Item[]): (zxid: bigint) => string {
  const seen = new Set<bigint>();
  for (const item of items) {
    if (item.kind !== "reply") continue;
    if (isWrite(item.request)) seen.add(item.zxid);
    collect(item.body, seen);
  }
  const ordered = [...seen].toSorted((a, b) => (a < b ? -1 : 1));
  const names = new Map(ordered.map((zxid, index) => [zxid, `#${index}`]));
  return (zxid) => (zxid <= 0n ? `${zxid}` : (names.get(zxid) ?? "unknown"));
}

function collect(value: Value, seen: Set<bigint>): void {
  if (typeof value !== "object" || value === null) return;
  if ("zxid" in value && typeof value.zxid === "bigint") seen.add(value.zxid);
  else for (const part of Object.values(value)) collect(part as Value, seen);
}

function rename(value: Value, names: Names): Value {
  if (typeof value === "string") return value.replaceAll(names.root, "{R}");
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((part: Value) => rename(part, names));
  if ("zxid" in value && typeof value.zxid === "bigint") return names.nameZxid(value.zxid);
  if ("session" in value && typeof value.session === "bigint") {
    return nameSession(value.session, names);
  }
  const parts = Object.entries(value as Record<string, Value>);
  return Object.fromEntries(parts.map(([name, part]) => [name, rename(part, names)]));
}

function nameSession(session: bigint, { sessionIds }: Names): string {
  if (session === 0n) return "none";
  const index = sessionIds.indexOf(session);
  return index < 0 ? "unknown" : `session ${index}`;
}
