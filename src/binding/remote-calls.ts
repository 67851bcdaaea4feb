import type { Stat } from "../core/stat.ts";
import type { Chroot } from "../client/chroot.ts";
import { type ChildrenAsk, type ChildrenPage, pageOf } from "../client/children-page.ts";
import type { RemoteCalls } from "../client/keeper-binding.ts";
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

/** As frames have it: owners are 64 bits wide. */
function nativeStatOf(stat: Stat): NativeStat {
  return { ...stat, ephemeralOwner: BigInt(stat.ephemeralOwner) };
}
