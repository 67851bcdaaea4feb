import type { WatchKind } from "./watch-registry.ts";

/** Which watches of a path are meant, in ZooKeeper's words. */
export type WatcherTypeName = "Any" | "Children" | "Data" | "Persistent" | "PersistentRecursive";

/** What a type is on the wire, and which watches it covers. Source: ZooKeeper `Watcher.WatcherType`. */
export const WATCHER_TYPES: Readonly<
  Record<WatcherTypeName, { readonly code: number; readonly kinds: readonly WatchKind[] }>
> = {
  Children: { code: 1, kinds: ["child"] },
  Data: { code: 2, kinds: ["data", "exist"] },
  Any: { code: 3, kinds: ["child", "data", "exist", "persistent", "persistentRecursive"] },
  Persistent: { code: 4, kinds: ["persistent"] },
  PersistentRecursive: { code: 5, kinds: ["persistentRecursive"] },
};
