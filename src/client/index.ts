export { Code } from "../core/keeper-error.ts";
export type { Zxid } from "../core/zxid.ts";
export { childPath, nameOf, parentOf } from "../core/path.ts";
export type { NativeStat as Stat } from "../protocol/jute/decode-reply.ts";
export { SYSTEM_CLOCK, type Clock } from "./clock.ts";
export type { ClientOptions } from "./client-options.ts";
export type { ConnectionState } from "./connection-state.ts";
export type { CreateOptions } from "./create-options.ts";
export { type Data, Znode } from "./data.ts";
export { isKeeperError, KeeperError } from "./keeper-error.ts";
export { deleteQuietly } from "./delete-quietly.ts";
export { ensurePath, type EnsurePathOptions } from "./ensure-path.ts";
export { protectedCreate, type ProtectedCreateOptions } from "./protected-create.ts";
export {
  backoff,
  type BackoffOptions,
  pause,
  retry,
  type RetryOptions,
  type RetryPolicy,
} from "./retry.ts";
export type { ReadAsk, ReadResult } from "./multi-read.ts";
export type { Transaction, TransactionResult } from "./transaction.ts";
export type { Reconfiguration } from "./reconfig.ts";
export { tell } from "./tell.ts";
export type { Dial, Transport, TransportListener } from "./transport.ts";
export type { WaitOptions } from "./wait.ts";
export type { Watcher, WatchEvent, WatchKind } from "./watch-registry.ts";
export type { WatcherTypeName } from "./watcher-type.ts";
export type { MissedEvents, WatchStreamOptions } from "./watch-stream.ts";
export type { ChildrenAsk, ChildrenPage, PagedChild } from "./children-page.ts";
export type { Created, WatchOption } from "./operations.ts";
export { ZooKeeper } from "./zookeeper.ts";
export { uuid } from "./uuid.ts";
