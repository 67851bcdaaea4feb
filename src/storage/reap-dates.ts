import type { DirtyNodes } from "./dirty-nodes.ts";
import type { NodeRows, ReapDate } from "./node-rows.ts";
import type { SqlState } from "./sql-state.ts";

/** Reap dates: those of dirty nodes, and the rows of all others. */
export class ReapDates {
  readonly #state: SqlState;
  readonly #rows: NodeRows;
  readonly #dirty: DirtyNodes;
  /** The earliest date, once asked for; asked for again only after that one went. */
  #next: { readonly dueMs: number | undefined } | undefined;

  constructor(state: SqlState, rows: NodeRows, dirty: DirtyNodes) {
    this.#state = state;
    this.#rows = rows;
    this.#dirty = dirty;
  }

  /** Paths due at or before `nowMs`, the earliest first. */
  reapable(nowMs: number, limit: number): string[] {
    const rows = this.#state.exists ? this.#rows.reapable(nowMs, limit + this.#dirty.size) : [];
    const due: ReapDate[] = [];
    for (const row of rows) if (this.#dirty.get(row.path) === undefined) due.push(row);
    for (const [path, dueMs] of this.#dirty.reapDates)
      if (dueMs <= nowMs) due.push({ path, dueMs });
    due.sort((a, b) => a.dueMs - b.dueMs || (a.path < b.path ? -1 : 1));
    return due.slice(0, limit).map(({ path }) => path);
  }

  /** The earliest date. */
  next(): number | undefined {
    this.#next ??= { dueMs: this.#findNext() };
    return this.#next.dueMs;
  }

  /** A date changes; undefined = none. */
  change(before: number | undefined, after: number | undefined): void {
    if (this.#next === undefined) return;
    const { dueMs } = this.#next;
    if (before !== undefined && before === dueMs) this.#next = undefined;
    else if (after !== undefined && (dueMs === undefined || after < dueMs)) {
      this.#next = { dueMs: after };
    }
  }

  #findNext(): number | undefined {
    // As many rows as there are dirty nodes may be outdated.
    const rows = this.#state.exists ? this.#rows.reapDates(this.#dirty.size + 1) : [];
    let next = rows.find((row) => this.#dirty.get(row.path) === undefined)?.dueMs;
    for (const dueMs of this.#dirty.reapDates.values()) {
      if (next === undefined || dueMs < next) next = dueMs;
    }
    return next;
  }
}
