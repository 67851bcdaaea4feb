import type { DataNode, SessionId } from "./data-node.ts";
import { Fifo } from "./fifo.ts";
import type { EphemeralUsage, NodeTable, Page } from "./node-table.ts";
import { nameOf, parentOf } from "./path.ts";
import type { Zxid } from "./zxid.ts";

/** A node as it will be; undefined once it will be gone. */
interface ChangeRecord {
  readonly path: string;
  readonly node: DataNode | undefined;
  /** Whose ephemeral it was before this record; 0 = nobody's. */
  readonly ownerBefore: SessionId;
  /** The last prepared txn that touches it. */
  readonly zxid: Zxid;
}

/**
 * The tree as it will be once everything prepared is applied: what prep validates against.
 *
 *     reads  →  changes (path → node, or gone)  →  base table
 *     writes →  changes only
 *
 * It stacks: a multi is prepared on changes of its own over these, and kept or dropped whole.
 * Reap dates are of no interest here.
 *
 * Source: ZooKeeper `ZooKeeperServer.outstandingChangesForPath`.
 */
export class OutstandingChanges implements NodeTable {
  readonly #base: NodeTable;
  /** The newest record of each path. */
  readonly #changes = new Map<string, ChangeRecord>();
  /** All records, those that were replaced too, in the order of `zxid`. */
  readonly #records = new Fifo<ChangeRecord>();
  /** Paths in `#changes` that are ephemeral here or in the base. */
  readonly #ephemeral = new Set<string>();
  /**
   * What each session has here beyond the base: the sum over its records, so that it takes no walk
   * through them, which a burst of creates would pay for each.
   */
  readonly #usages = new Map<SessionId, { nodes: number; pathLength: number }>();
  /** The zxid that the next writes belong to; set by prep before each txn. */
  zxid: Zxid = 0;

  constructor(base: NodeTable) {
    this.#base = base;
  }

  get(path: string): DataNode | undefined {
    const change = this.#changes.get(path);
    return change === undefined ? this.#base.get(path) : change.node;
  }

  put(path: string, node: DataNode): void {
    const isEphemeral = node.ephemeralOwner !== 0;
    // A znode is ephemeral all its life, so that only those need a look at what was there.
    const ownerBefore = isEphemeral ? this.#ownerOf(path) : 0;
    if (isEphemeral) this.#ephemeral.add(path);
    this.#record({ path, node, ownerBefore, zxid: this.zxid });
  }

  delete(path: string): void {
    const ownerBefore = this.#ownerOf(path);
    if (ownerBefore !== 0) this.#ephemeral.add(path);
    this.#record({ path, node: undefined, ownerBefore, zxid: this.zxid });
  }

  #ownerOf(path: string): SessionId {
    return this.get(path)?.ephemeralOwner ?? 0;
  }

  #record(record: ChangeRecord): void {
    this.#changes.set(record.path, record);
    this.#records.push(record);
    this.#account(record, 1);
  }

  /** Counts what a record changes, or takes it back: the base has it now. */
  #account({ path, node, ownerBefore }: ChangeRecord, sign: 1 | -1): void {
    const owner = node?.ephemeralOwner ?? 0;
    if (owner === ownerBefore) return;
    if (ownerBefore !== 0) this.#addUsage(ownerBefore, -sign, -sign * path.length);
    if (owner !== 0) this.#addUsage(owner, sign, sign * path.length);
  }

  #addUsage(session: SessionId, nodes: number, pathLength: number): void {
    const usage = this.#usages.get(session) ?? { nodes: 0, pathLength: 0 };
    usage.nodes += nodes;
    usage.pathLength += pathLength;
    if (usage.nodes === 0 && usage.pathLength === 0) this.#usages.delete(session);
    else this.#usages.set(session, usage);
  }

  children(path: string, page: Page): string[] {
    const changed = new Map<string, boolean>();
    for (const [changedPath, { node }] of this.#changes) {
      if (changedPath !== "/" && parentOf(changedPath) === path) {
        changed.set(nameOf(changedPath), node !== undefined);
      }
    }
    const readAhead = Math.min(page.limit + changed.size, Number.MAX_SAFE_INTEGER);
    const names = this.#base
      .children(path, { after: page.after, limit: readAhead })
      .filter((name) => !changed.has(name));
    for (const [name, isThere] of changed) {
      if (isThere && name > page.after) names.push(name);
    }
    return names.sort(byCodeUnit).slice(0, page.limit);
  }

  ephemeralsOf(session: SessionId): string[] {
    const paths = this.#base
      .ephemeralsOf(session)
      .filter((path) => !this.#ephemeral.has(path) || this.get(path)?.ephemeralOwner === session);
    const known = new Set(paths);
    for (const path of this.#ephemeral) {
      if (!known.has(path) && this.get(path)?.ephemeralOwner === session) paths.push(path);
    }
    return paths.sort(byCodeUnit);
  }

  ephemeralUsage(session: SessionId): EphemeralUsage {
    const stored = this.#base.ephemeralUsage(session);
    const here = this.#usages.get(session);
    if (here === undefined) return stored;
    return {
      nodes: stored.nodes + here.nodes,
      pathLength: stored.pathLength + here.pathLength,
    };
  }

  scheduleReap(): void {}

  /** Forgets the changes of txns up to `zxid`: the base shows them now. */
  applied(zxid: Zxid): void {
    for (let record = this.#records.peek(); record !== undefined; record = this.#records.peek()) {
      if (record.zxid > zxid) return;
      this.#records.shift();
      this.#account(record, -1);
      const { path } = record;
      if (this.#changes.get(path) !== record) continue;
      this.#changes.delete(path);
      if (record.node === undefined || record.node.ephemeralOwner !== 0)
        this.#ephemeral.delete(path);
    }
  }

  /** Forgets everything. */
  clear(): void {
    this.#changes.clear();
    this.#records.clear();
    this.#ephemeral.clear();
    this.#usages.clear();
  }
}

/** Order of names and paths everywhere: UTF-16 code units, as `<` compares strings. */
function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
