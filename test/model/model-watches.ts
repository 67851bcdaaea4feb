import type { ACL } from "../../src/core/acl.ts";
import type { SetWatchesRequest } from "../../src/core/request.ts";
import { find, type ModelState, parentPath } from "./model-state.ts";
import type { ModelChange } from "./model-write.ts";

const NODE_CREATED = 1;
const NODE_DELETED = 2;
const NODE_DATA_CHANGED = 3;
const NODE_CHILDREN_CHANGED = 4;

export type ModelWatchKind = "data" | "child" | "persistent" | "recursive";

interface Entry {
  readonly watcher: number;
  readonly table: "data" | "child";
  readonly mode: "standard" | "persistent" | "recursive";
  readonly path: string;
}

/** An event on its way; `acl` decides who may hear of it. */
export interface ModelEvent {
  readonly watcher: number;
  readonly type: number;
  readonly path: string;
  readonly zxid: number;
  readonly acl: readonly ACL[];
}

/** All watches as one flat list. */
export class ModelWatches {
  entries: Entry[] = [];

  add(watcher: number, path: string, kind: ModelWatchKind): void {
    if (kind === "data") this.#add({ watcher, table: "data", mode: "standard", path });
    if (kind === "child") this.#add({ watcher, table: "child", mode: "standard", path });
    if (kind === "persistent") {
      this.#add({ watcher, table: "data", mode: "persistent", path });
      this.#add({ watcher, table: "child", mode: "persistent", path });
    }
    if (kind === "recursive") this.#add({ watcher, table: "data", mode: "recursive", path });
  }

  #add(entry: Entry): void {
    const text = JSON.stringify(entry);
    if (!this.entries.some((one) => JSON.stringify(one) === text)) this.entries.push(entry);
  }

  /** Types: children 1, data 2, any 3, persistent 4, persistent recursive 5. */
  has(watcher: number, path: string, type: number): boolean {
    return this.#ofType(watcher, path, type).length > 0;
  }

  remove(watcher: number, path: string, type: number): boolean {
    const gone = this.#ofType(watcher, path, type);
    this.entries = this.entries.filter((entry) => !gone.includes(entry));
    return gone.length > 0;
  }

  #ofType(watcher: number, path: string, type: number): Entry[] {
    return this.entries.filter((entry) => {
      if (entry.watcher !== watcher || entry.path !== path) return false;
      if (type === 1) return entry.table === "child" && entry.mode === "standard";
      if (type === 2) return entry.table === "data" && entry.mode === "standard";
      if (type === 4) return entry.mode === "persistent";
      if (type === 5) return entry.mode === "recursive";
      return type === 3;
    });
  }

  disconnect(watcher: number): void {
    this.entries = this.entries.filter((entry) => entry.watcher !== watcher);
  }

  /** Distinct (table, connection, path): what `watch_count` counts. */
  count(): number {
    return new Set(this.entries.map((e) => JSON.stringify([e.table, e.watcher, e.path]))).size;
  }

  /** Paths of one kind of one connection, sorted. */
  paths(watcher: number, kind: ModelWatchKind): string[] {
    const isKind = ({ table, mode }: Entry): boolean => {
      if (kind === "persistent") return mode === "persistent" && table === "data";
      if (kind === "recursive") return mode === "recursive";
      return mode === "standard" && table === kind;
    };
    const own = this.entries.filter((entry) => entry.watcher === watcher && isKind(entry));
    return own.map(({ path }) => path).sort();
  }

  /** Fires what a change hits, in the order of the event table. */
  fire({ type, path, zxid, acl, parentAcl }: ModelChange): ModelEvent[] {
    if (type === "NodeDataChanged") return this.#tell("data", path, NODE_DATA_CHANGED, zxid, acl);
    const parent = parentPath(path);
    if (type === "NodeCreated") {
      return [
        ...this.#tell("data", path, NODE_CREATED, zxid, acl),
        ...this.#tell("child", parent, NODE_CHILDREN_CHANGED, zxid, parentAcl),
      ];
    }
    const told = this.#tell("data", path, NODE_DELETED, zxid, acl);
    const again = this.#tell("child", path, NODE_DELETED, zxid, acl);
    const news = again.filter(({ watcher }) => !told.some((event) => event.watcher === watcher));
    return [
      ...told,
      ...news,
      ...this.#tell("child", parent, NODE_CHILDREN_CHANGED, zxid, parentAcl),
    ];
  }

  // oxlint-disable-next-line max-params -- Five plain values are easier to read here than a record.
  #tell(
    table: "data" | "child",
    path: string,
    type: number,
    zxid: number,
    acl: readonly ACL[],
  ): ModelEvent[] {
    const hit = this.entries.filter((entry) => {
      if (entry.table !== table) return false;
      if (entry.path === path) return true;
      const below = entry.path === "/" ? "/" : `${entry.path}/`;
      // The empty path reads the root, but a watch on it hears nothing.
      if (entry.path === "") return false;
      return entry.mode === "recursive" && path.startsWith(below);
    });
    this.entries = this.entries.filter((e) => !(hit.includes(e) && e.mode === "standard"));
    const watchers = [...new Set(hit.map(({ watcher }) => watcher))];
    return watchers.map((watcher) => ({ watcher, type, path, zxid, acl }));
  }

  /** Re-registers after a reconnect; gives the events that were missed, as `[type, path]`. */
  setWatches(
    state: ModelState,
    watcher: number,
    request: SetWatchesRequest,
  ): [type: number, path: string][] {
    const events: [number, string][] = [];
    const nodeAt = (path: string) => find(state, path === "" ? "/" : path);
    for (const path of request.dataWatches) {
      const node = nodeAt(path);
      if (node === undefined) events.push([NODE_DELETED, path]);
      else if (node.mzxid > request.relativeZxid) events.push([NODE_DATA_CHANGED, path]);
      else this.add(watcher, path, "data");
    }
    for (const path of request.existWatches) {
      if (nodeAt(path) === undefined) this.add(watcher, path, "data");
      else events.push([NODE_CREATED, path]);
    }
    for (const path of request.childWatches) {
      const node = nodeAt(path);
      if (node === undefined) events.push([NODE_DELETED, path]);
      else if (node.pzxid > request.relativeZxid) events.push([NODE_CHILDREN_CHANGED, path]);
      else this.add(watcher, path, "child");
    }
    for (const path of request.persistentWatches) this.add(watcher, path, "persistent");
    for (const path of request.persistentRecursiveWatches) this.add(watcher, path, "recursive");
    return events;
  }
}
