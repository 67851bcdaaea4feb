import { Code } from "../core/keeper-error.ts";
import { LIMITS } from "../core/limits.ts";
import type { ChildPage } from "../core/request.ts";
import type { Stat } from "../core/stat.ts";
import type { Chroot } from "../client/chroot.ts";
import type { ChildrenAsk, ChildrenPage, RemoteCalls } from "../client/keeper-binding.ts";
import { KeeperError } from "../client/keeper-error.ts";
import { Operations } from "../client/operations.ts";
import type { NativeStat } from "../protocol/jute/decode-reply.ts";
import { HeldCallbacks } from "./held-callbacks.ts";
import { RemoteOperationsTarget } from "./remote-operations.ts";
import type { ShardCalls } from "./shard-calls.ts";

/** Operations without a session, of somebody, in one namespace. Nothing stays open behind a call. */
export class RemoteCallsTarget extends RemoteOperationsTarget implements RemoteCalls {
  readonly #calls: ShardCalls;
  readonly #chroot: Chroot;

  constructor(calls: ShardCalls, chroot: Chroot) {
    super(new Operations(chroot, calls), new HeldCallbacks());
    this.#calls = calls;
    this.#chroot = chroot;
  }

  async childrenPage(path: string, ask: ChildrenAsk = {}): Promise<ChildrenPage> {
    const page = pageOf(ask, path);
    const request = { op: "getChildren2", path: this.#chroot.outer(path), watch: false } as const;
    const { children, stat, more } = await this.#calls.page({ ...request, page }, path);
    return {
      children: children.map(({ stat: own, ...child }) =>
        own === undefined ? child : { ...child, stat: nativeStatOf(own) },
      ),
      stat: nativeStatOf(stat),
      more,
    };
  }
}

/** @throws KeeperError BADARGUMENTS */
function pageOf(ask: ChildrenAsk, path: string): ChildPage {
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

/** As frames have it: owners are 64 bits wide. */
function nativeStatOf(stat: Stat): NativeStat {
  return { ...stat, ephemeralOwner: BigInt(stat.ephemeralOwner) };
}
