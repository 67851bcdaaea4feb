import { Code, KeeperError, type ZooKeeper } from "../../client/index.ts";
import { Chroot } from "../../client/chroot.ts";
import { Operations } from "../../client/operations.ts";
import type { NativePart, NativeReply } from "../../protocol/jute/decode-reply.ts";
import type { NativeRequest } from "../../protocol/jute/encode-request.ts";
import { type Pretence, PretendedWrites, type Write } from "./pretended-writes.ts";

/**
 * Makes a client that reads and writes nothing: it says what it would write, and from then on shows
 * the tree as it would be.
 *
 * Whatever it does not know to be a read is refused, so that no request is written by mistake.
 *
 * @param tell - told of each write, in order, once it is known that the server would take it
 */
export function dryRunClient(zk: ZooKeeper, tell: (pretence: Pretence) => void): ZooKeeper {
  const writes = new PretendedWrites(zk);
  const pretend = async (asked: readonly Write[]): Promise<readonly NativePart[]> => {
    const pretences = await writes.pretend(asked);
    for (const pretence of pretences) tell(pretence);
    return pretences.map(({ part }) => part);
  };
  const operations = new Operations(new Chroot(""), {
    ask: (request, path) => answer({ zk, writes, pretend }, request, path),
    // Nothing is watched in a tree that does not change.
    watched: () => undefined,
  });
  return new Proxy(zk, {
    get(target, name) {
      const owner = name in Operations.prototype ? operations : target;
      const value: unknown = Reflect.get(owner, name, owner);
      return typeof value === "function" ? value.bind(owner) : value;
    },
  });
}

/** What answers are made of. */
interface DryRun {
  readonly zk: ZooKeeper;
  readonly writes: PretendedWrites;
  readonly pretend: (writes: readonly Write[]) => Promise<readonly NativePart[]>;
}

async function answer(
  dryRun: DryRun,
  request: NativeRequest,
  path: string | undefined,
): Promise<NativeReply> {
  const { zk, pretend } = dryRun;
  switch (request.op) {
    case "multi":
      return { parts: await pretendTogether(request.ops, pretend) };
    case "create":
    case "create2":
    case "createContainer":
    case "createTTL":
    case "delete":
    case "setData":
    case "setACL": {
      // Of one request alone: parents and upserts are no part of ZooKeeper's protocol.
      const [part] = await pretend([request as Write]);
      return replyOf(part);
    }
    case "sync":
      await zk.sync(request.path);
      return {};
    case "whoAmI":
      return { ids: await zk.whoAmI() };
    case "getAllChildrenNumber":
      return { totalNumber: await zk.countDescendants(request.path) };
    default:
      return readPretended(dryRun, request, path);
  }
}

function replyOf(part: NativePart | undefined): NativeReply {
  if (part?.op === "create") {
    return { path: part.path, ...(part.stat === undefined ? {} : { stat: part.stat }) };
  }
  return part?.op === "setData" ? { stat: part.stat } : {};
}

/** A transaction answers failures by its parts. */
async function pretendTogether(
  ops: readonly Write[],
  pretend: DryRun["pretend"],
): Promise<readonly NativePart[]> {
  try {
    return await pretend(ops);
  } catch (error) {
    if (!(error instanceof KeeperError) || error.failedAt === undefined) throw error;
    const { code, failedAt } = error;
    const codeAt = (index: number): number =>
      index < failedAt ? Code.OK : Code.RUNTIMEINCONSISTENCY;
    return ops.map((_, index) => ({
      op: "error",
      code: index === failedAt ? code : codeAt(index),
    }));
  }
}

async function readPretended(
  { zk, writes: { tree } }: DryRun,
  request: NativeRequest,
  path: string | undefined,
): Promise<NativeReply> {
  switch (request.op) {
    case "exists": {
      const stat = await tree.stat(request.path);
      if (stat === undefined) throw new KeeperError(Code.NONODE, { path });
      return { stat };
    }
    case "getData":
      return tree.data(request.path);
    case "getACL":
      return tree.node(request.path);
    case "getChildren2": {
      const children = await tree.childNames(request.path);
      const stat = (await tree.stat(request.path)) ?? (await zk.get(request.path)).stat;
      return { children, stat };
    }
    default:
      throw new KeeperError(Code.UNIMPLEMENTED, {
        path,
        message: `expected what a dry run can do, saw ${request.op}`,
      });
  }
}
