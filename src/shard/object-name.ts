import type { Sid } from "../zab/configuration.ts";

/** What the name of an object says. */
export interface ObjectName {
  /** The shard: a namespace and its root. It also names the ensemble that holds it, if one does. */
  readonly shard: string;
  /** Which member of the ensemble; undefined for an object that holds the shard alone. */
  readonly sid: Sid | undefined;
}

/** Names the object of a namespace: `default:/`, or `default:/#3` for a member of its ensemble. */
export function formatObjectName(namespace: string, sid?: Sid): string {
  const shard = `${namespace}:/`;
  return sid === undefined ? shard : formatMemberName(shard, sid);
}

/** Names a member of the ensemble that holds a shard. */
export function formatMemberName(shard: string, sid: Sid): string {
  return `${shard}#${sid}`;
}

/** Reads what {@link formatObjectName} wrote. */
export function parseObjectName(name: string): ObjectName {
  const [, shard = name, sid] = /^(.*)#(\d{1,3})$/.exec(name) ?? [];
  return { shard, sid: sid === undefined ? undefined : Number(sid) };
}
