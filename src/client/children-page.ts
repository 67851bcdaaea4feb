import { Code } from "../core/keeper-error.ts";
import { LIMITS } from "../core/limits.ts";
import { childPath } from "../core/path.ts";
import type { ChildPage } from "../core/request.ts";
import type { NativeReply, NativeStat } from "../protocol/jute/decode-reply.ts";
import type { Znode } from "./data.ts";
import { isKeeperError, KeeperError } from "./keeper-error.ts";

/** Which children of a znode, and what of them: names behind `after`, at most `limit` (10,000). */
export type ChildrenAsk = Partial<ChildPage>;

/** A child of a page; its Stat and data where they were asked for and may be seen. */
export interface PagedChild {
  readonly name: string;
  readonly stat?: NativeStat;
  readonly data?: Uint8Array | null;
}

/** Some children of a znode, in the order of their names. */
export interface ChildrenPage {
  readonly children: readonly PagedChild[];
  /** Of their parent. */
  readonly stat: NativeStat;
  /** Whether names follow behind the last one. */
  readonly more: boolean;
}

/** Completes and checks what was asked for. @throws KeeperError BADARGUMENTS */
export function pageOf(ask: ChildrenAsk, path: string): ChildPage {
  const max = LIMITS.CHILDREN_PAGE_MAX;
  const { after = "", limit = max, stat = false, data = false, ...strangers } = ask;
  const [stranger] = Object.keys(strangers);
  const isLimit = Number.isInteger(limit) && limit >= 1 && limit <= max;
  const areTyped =
    typeof after === "string" && typeof stat === "boolean" && typeof data === "boolean";
  if (stranger === undefined && isLimit && areTyped) return { after, limit, stat, data };
  const expected = `expected {after?, limit? from 1 to ${max}, stat?, data?}`;
  const seen = stranger ?? (isLimit ? "another type" : `limit ${limit}`);
  throw new KeeperError(Code.BADARGUMENTS, { path, message: `${expected}, saw ${seen}` });
}

/**
 * Makes a page of what a server answered. One that knows no pages, as ZooKeeper, has sent every name:
 * what is wanted of them is picked out here, and what is wanted beside them read one by one.
 *
 * @param get - reads a child.
 */
export async function pageFrom(
  { children = [], stat, page }: NativeReply & { readonly stat: NativeStat },
  path: string,
  asked: ChildPage,
  get: (path: string) => Promise<Znode>,
): Promise<ChildrenPage> {
  if (page !== undefined) {
    const { more, entries } = page;
    return { children: children.map((name, index) => ({ name, ...entries[index] })), stat, more };
  }
  const { after, limit } = asked;
  // By UTF-16 code units, as the service orders them.
  const behind = children.filter((name) => name > after).toSorted(byCodeUnits);
  const picked = behind
    .slice(0, limit)
    .map((name) => look(name, childPath(path, name), asked, get));
  return { children: await Promise.all(picked), stat, more: behind.length > limit };
}

async function look(
  name: string,
  path: string,
  asked: ChildPage,
  get: (path: string) => Promise<Znode>,
): Promise<PagedChild> {
  if (!asked.stat && !asked.data) return { name };
  try {
    const { stat, data } = await get(path);
    return { name, ...(asked.stat ? { stat } : {}), ...(asked.data ? { data } : {}) };
  } catch (error) {
    // Gone meanwhile, or not ours to see.
    if (isKeeperError(error, Code.NONODE, Code.NOAUTH)) return { name };
    throw error;
  }
}

function byCodeUnits(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
