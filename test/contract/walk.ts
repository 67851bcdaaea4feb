import type { DataNode } from "../../src/core/data-node.ts";
import { ALL, type Tables } from "../../src/core/node-table.ts";
import { childPath } from "../../src/core/path.ts";
import type { Session } from "../../src/core/session.ts";

/** Everything that tables answer, for comparison; idempotency keys cannot be listed. */
export interface Walk {
  readonly nodes: readonly (readonly [path: string, node: DataNode])[];
  readonly sessions: readonly Session[];
  readonly ephemerals: readonly (readonly [session: number, paths: readonly string[]])[];
  readonly reapable: readonly string[];
  readonly nextReapMs: number | undefined;
  readonly descendants: number;
}

/** Walks the tree from the root, and asks every list for all it has. */
export function walk(tables: Tables): Walk {
  const nodes: [string, DataNode][] = [];
  const owners = new Set<number>();
  const pending = ["/"];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    const node = tables.get(path);
    if (node === undefined) continue;
    nodes.push([path, node]);
    if (node.ephemeralOwner !== 0) owners.add(node.ephemeralOwner);
    for (const name of tables.children(path, ALL).reverse()) pending.push(childPath(path, name));
  }
  const sessions = [...tables.sessions()];
  for (const { id } of sessions) owners.add(id);
  return {
    nodes,
    sessions,
    ephemerals: [...owners].sort((a, b) => a - b).map((id) => [id, tables.ephemeralsOf(id)]),
    reapable: tables.reapable(Number.MAX_SAFE_INTEGER, 100_000),
    nextReapMs: tables.nextReapMs(),
    descendants: tables.countDescendants("/"),
  };
}
