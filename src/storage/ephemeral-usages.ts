import type { SessionId } from "../core/data-node.ts";
import type { EphemeralUsage } from "../core/node-table.ts";

/** Sessions whose usage is remembered at once. */
const SESSIONS_MAX = 4_096;

/**
 * How many ephemerals each session has, kept up to date from the first question on: prep asks with
 * every create of an ephemeral, and must not count ten thousand each time.
 */
export class EphemeralUsages {
  readonly #pathsOf: (session: SessionId) => readonly string[];
  readonly #usages = new Map<SessionId, { nodes: number; pathLength: number }>();

  /** @param pathsOf - The paths to count at the first question. */
  constructor(pathsOf: (session: SessionId) => readonly string[]) {
    this.#pathsOf = pathsOf;
  }

  of(session: SessionId): EphemeralUsage {
    const known = this.#usages.get(session);
    if (known !== undefined) return { ...known };
    const paths = this.#pathsOf(session);
    const pathLength = paths.reduce((sum, path) => sum + path.length, 0);
    if (this.#usages.size >= SESSIONS_MAX) this.#usages.clear();
    this.#usages.set(session, { nodes: paths.length, pathLength });
    return { nodes: paths.length, pathLength };
  }

  /** A node changes its owner; 0 = none, or no node. */
  change(path: string, before: SessionId, after: SessionId): void {
    if (before === after) return;
    this.#count(before, path, -1);
    this.#count(after, path, 1);
  }

  #count(session: SessionId, path: string, step: number): void {
    const usage = session === 0 ? undefined : this.#usages.get(session);
    if (usage === undefined) return;
    usage.nodes += step;
    usage.pathLength += step * path.length;
  }
}
