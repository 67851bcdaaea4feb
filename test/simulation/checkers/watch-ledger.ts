import type { ACL } from "../../../src/core/acl.ts";
import { type Change, WatchedEventType } from "../../../src/core/watched-event.ts";
import type { Zxid } from "../../../src/core/zxid.ts";
import type { Operation } from "../history.ts";

/** How a watch came to be: by getData or exists, by getChildren, or by addWatch. */
export type WatchKind = "data" | "child" | "persistent" | "recursive";

/** One watch from its start to its end. */
export interface Registration {
  readonly connection: number;
  readonly path: string;
  readonly kind: WatchKind;
  /** The request that set it, and the last zxid applied before. */
  readonly setBy: Operation;
  readonly setAt: Zxid;
  /** Undefined while it waits; by a change at this zxid, or by a request answered at it. */
  end: { readonly at: Zxid; readonly by: "fired" | "removed" } | undefined;
}

/** An event that a connection has to get. */
export interface DueEvent {
  readonly connection: number;
  readonly type: WatchedEventType;
  readonly path: string;
  readonly zxid: Zxid;
  /** Who may not READ by this does not get it. */
  readonly acl: readonly ACL[];
  /** The watches that it answers. */
  readonly watches: readonly Registration[];
}

/**
 * Which watches there are, which of them a change hits, and what became of those that are gone.
 *
 * The rules are those of ZooKeeper's event table: two tables, data and child; a standard watch is
 * used up by its first event; a recursive one is in the data table and hears of all below it.
 */
export class WatchLedger {
  readonly #data = new Map<string, Set<Registration>>();
  readonly #child = new Map<string, Set<Registration>>();
  readonly #recursive = new Map<string, Set<Registration>>();
  /** All that ever were, of each connection: to explain what should not have come. */
  readonly #all = new Map<number, Registration[]>();

  /** Every watch that a connection ever had. */
  of(connection: number): readonly Registration[] {
    return this.#all.get(connection) ?? [];
  }

  /** Sets a watch; one that waits already stays as it is. */
  set(watch: Omit<Registration, "end">): void {
    const path = watch.path === "" ? "/" : watch.path;
    const made: Registration = { ...watch, path, end: undefined };
    const isThere = (tables: ReadonlyMap<string, ReadonlySet<Registration>>): boolean =>
      [...(tables.get(path) ?? [])].some(
        ({ connection, kind }) => connection === made.connection && kind === made.kind,
      );
    const first = this.#tablesOf(made)[0];
    if (first === undefined || isThere(first)) return;
    for (const table of this.#tablesOf(made)) {
      const others = table.get(path);
      if (others === undefined) table.set(path, new Set([made]));
      else others.add(made);
    }
    const own = this.#all.get(made.connection);
    if (own === undefined) this.#all.set(made.connection, [made]);
    else own.push(made);
  }

  #tablesOf({ kind }: Registration): Map<string, Set<Registration>>[] {
    switch (kind) {
      case "data":
        return [this.#data];
      case "child":
        return [this.#child];
      case "persistent":
        return [this.#data, this.#child];
      case "recursive":
        return [this.#recursive];
    }
  }

  /** Types: children 1, data 2, any 3, persistent 4, persistent recursive 5. */
  remove(connection: number, path: string, { type, at }: { type: number; at: Zxid }): void {
    for (const watch of this.of(connection)) {
      if (watch.end !== undefined || watch.path !== path) continue;
      if (type === 3 || KIND_OF_TYPE[type] === watch.kind) this.#end(watch, { at, by: "removed" });
    }
  }

  #end(watch: Registration, end: NonNullable<Registration["end"]>): void {
    watch.end = end;
    for (const table of this.#tablesOf(watch)) table.get(watch.path)?.delete(watch);
  }

  /** What a change brings to whom, in the order in which each connection gets it. */
  fire({ type, path, zxid, acl, parentAcl }: Change): DueEvent[] {
    if (this.#all.size === 0) return [];
    const own = { type: WatchedEventType[type], path, zxid, acl };
    const told = this.#hit([this.#data.get(path), ...this.#above(path)]);
    const due = this.#tell(told, own);
    if (type === "NodeDataChanged") return due;
    if (type === "NodeDeleted") {
      const again = this.#hit([this.#child.get(path)]);
      for (const watches of again.values()) this.#use(watches, zxid);
      for (const connection of told.keys()) again.delete(connection);
      due.push(...this.#tell(again, own));
    }
    const parent = path.slice(0, Math.max(1, path.lastIndexOf("/")));
    const ofParent = {
      type: WatchedEventType.NodeChildrenChanged,
      path: parent,
      zxid,
      acl: parentAcl,
    };
    due.push(...this.#tell(this.#hit([this.#child.get(parent)]), ofParent));
    return due;
  }

  /** The recursive watches on a path and above it, by whole components. */
  #above(path: string): (Set<Registration> | undefined)[] {
    if (this.#recursive.size === 0) return [];
    const found = [this.#recursive.get(path)];
    for (let at = path.lastIndexOf("/"); at > 0; at = path.lastIndexOf("/", at - 1)) {
      found.push(this.#recursive.get(path.slice(0, at)));
    }
    if (path !== "/") found.push(this.#recursive.get("/"));
    return found;
  }

  /** The watches that are hit, by connection: however many, each gets one event. */
  #hit(groups: readonly (ReadonlySet<Registration> | undefined)[]): Map<number, Registration[]> {
    const hit = new Map<number, Registration[]>();
    for (const watch of groups.flatMap((group) => [...(group ?? [])])) {
      const others = hit.get(watch.connection);
      if (others === undefined) hit.set(watch.connection, [watch]);
      else others.push(watch);
    }
    return hit;
  }

  #tell(
    hit: ReadonlyMap<number, Registration[]>,
    event: Omit<DueEvent, "connection" | "watches">,
  ): DueEvent[] {
    return [...hit].map(([connection, watches]) => {
      this.#use(watches, event.zxid);
      return { ...event, connection, watches };
    });
  }

  #use(watches: readonly Registration[], at: Zxid): void {
    for (const watch of watches) {
      if (watch.kind !== "data" && watch.kind !== "child") continue;
      if (watch.end === undefined) this.#end(watch, { at, by: "fired" });
    }
  }

  /** Forgets the watches of a connection of which no more is known. */
  drop(connection: number): void {
    for (const watch of this.of(connection)) {
      for (const table of this.#tablesOf(watch)) table.get(watch.path)?.delete(watch);
    }
  }
}

const KIND_OF_TYPE: Readonly<Record<number, WatchKind>> = {
  1: "child",
  2: "data",
  4: "persistent",
  5: "recursive",
};
