import { DatabaseSync } from "node:sqlite";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { DataNode } from "../../../src/core/data-node.ts";
import type { Tables } from "../../../src/core/node-table.ts";
import { childPath } from "../../../src/core/path.ts";
import { CacheGovernor } from "../../../src/storage/cache-governor.ts";
import { encodeBatch } from "../../../src/storage/log-batch.ts";
import { MemoryTables } from "../../../src/storage/memory-tables.ts";
import { NodeSql } from "../../../src/storage/node-sql.ts";
import { SqlStore } from "../../../src/storage/sql-store.ts";
import { node } from "./txn-arbitraries.ts";

const NAMES = ["a", "a-", "a0", "b", "é", "\ud7ff", "￮"];
const OWNERS = [0, 0, 7, 2 ** 48 - 1];
const PARENTS = ["/", "/a", "/a-", "/a/b", "/b"];

/** Every path of the test but the root. */
const PLACES = PARENTS.flatMap((parent) => NAMES.map((name) => childPath(parent, name)));

type Step =
  | { readonly do: "put"; readonly node: DataNode }
  | { readonly do: "delete" | "checkpoint" | "reopen" }
  | { readonly do: "reap"; readonly dueMs: number | undefined }
  | { readonly do: "page"; readonly after: string; readonly limit: number }
  | { readonly do: "due"; readonly nowMs: number; readonly limit: number };

const dueMs = fc.integer({ min: 0, max: 6 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .record({ node, owner: fc.constantFrom(...OWNERS) })
      .map(({ node: any, owner }): Step => ({
        do: "put",
        node: { ...any, ephemeralOwner: owner, czxid: 0, mzxid: 0, pzxid: 0 },
      })),
  },
  { weight: 4, arbitrary: fc.constant<Step>({ do: "delete" }) },
  { weight: 2, arbitrary: fc.constant<Step>({ do: "checkpoint" }) },
  { weight: 1, arbitrary: fc.constant<Step>({ do: "reopen" }) },
  {
    weight: 3,
    arbitrary: fc
      .option(dueMs, { nil: undefined })
      .map((due): Step => ({ do: "reap", dueMs: due })),
  },
  {
    weight: 3,
    arbitrary: fc
      .record({ after: fc.constantFrom("", "a~", ...NAMES), limit: fc.nat({ max: 4 }) })
      .map((page): Step => ({ do: "page", ...page })),
  },
  {
    weight: 3,
    arbitrary: fc
      .record({ nowMs: dueMs, limit: fc.nat({ max: 3 }) })
      .map((due): Step => ({ do: "due", ...due })),
  },
);
/** `pick` chooses among the nodes that exist, for steps that need one. */
const steps = fc.array(
  fc.record({
    parent: fc.constantFrom(...PARENTS),
    name: fc.constantFrom(...NAMES),
    pick: fc.nat(),
    step,
  }),
  { minLength: 1, maxLength: 80 },
);

interface Taken {
  readonly parent: string;
  readonly name: string;
  readonly pick: number;
  readonly step: Step;
}

/** The tables over SQL and plain maps, given the same steps. */
class Twins {
  readonly #sql = new NodeSql(new DatabaseSync(":memory:"));
  readonly #governor: CacheGovernor;
  readonly model = new MemoryTables();
  readonly differences: unknown[] = [];
  store: SqlStore;

  constructor(budgetBytes: number) {
    this.#governor = new CacheGovernor(budgetBytes);
    this.store = new SqlStore(this.#sql, { governor: this.#governor });
  }

  change(body: (tables: Tables) => void): void {
    body(this.model);
    body(this.store.tables);
  }

  checkpoint(): void {
    const zxid = this.store.log.lastZxid + 1;
    const header = { sessionId: 0, cxid: 0, zxid, timeMs: 0 };
    this.store.log.append(encodeBatch([{ header, txn: { type: "error", code: 0 } }]));
    this.store.checkpoint(zxid);
  }

  reopen(): void {
    this.checkpoint();
    this.store = new SqlStore(this.#sql, { governor: this.#governor });
  }

  /** Asks both the same; notes the question if they disagree. */
  check<T>(ask: (tables: Tables) => T): void {
    const [seen, expected] = [ask(this.store.tables), ask(this.model)];
    if (!isDeepStrictEqual(seen, expected))
      this.differences.push({ ask: ask.toString(), seen, expected });
  }

  /** Whether a node may be put there: as in a tree, below a node that exists. */
  mayPut(path: string, parent: string): boolean {
    return path !== parent && this.model.get(parent) !== undefined;
  }

  /** One of the nodes that exist. */
  pick(number: number): string {
    const paths = ["/", ...PLACES].filter((path) => this.model.get(path) !== undefined);
    return paths[number % paths.length] ?? "/";
  }

  isLeaf(path: string): boolean {
    return path !== "/" && this.model.countDescendants(path) === 0;
  }
}

function run(twins: Twins, { parent, name, pick, step: taken }: Taken): void {
  const path = childPath(parent, name);
  const existing = twins.pick(pick);
  switch (taken.do) {
    case "put":
      if (twins.mayPut(path, parent)) twins.change((tables) => tables.put(path, taken.node));
      return;
    case "delete":
      if (twins.isLeaf(existing)) twins.change((tables) => tables.delete(existing));
      return;
    case "reap":
      twins.change((tables) => tables.scheduleReap(existing, taken.dueMs));
      return;
    case "page":
      twins.check((tables) => tables.children(parent, taken));
      return;
    case "due":
      twins.check((tables) => tables.reapable(taken.nowMs, taken.limit));
      return;
    case "checkpoint":
      twins.checkpoint();
      return;
    case "reopen":
      twins.reopen();
      return;
  }
}

it.each([0, 2_000, 1_000_000])(
  "[ST24] every answer is that of plain maps, with a cache of %i bytes",
  (budgetBytes) => {
    fc.assert(
      fc.property(steps, fc.infiniteStream(fc.boolean()), (taken, coins) => {
        const twins = new Twins(budgetBytes);
        for (const path of ["/", "/a", "/a-", "/a/b", "/b"]) {
          twins.change((tables) => tables.put(path, EMPTY));
        }
        for (const one of taken) {
          const { parent, name } = one;
          const path = childPath(parent, name);
          run(twins, one);
          // Asking may fill caches: half of the runs ask all the time, the others seldom.
          if (coins.next().value === true) continue;
          twins.check((tables) => tables.get(path));
          twins.check((tables) => tables.nextReapMs());
          twins.check((tables) => tables.countDescendants(parent));
          twins.check((tables) => tables.ephemeralUsage(7));
        }
        for (const parent of PARENTS) {
          twins.check((tables) => tables.children(parent, { after: "", limit: 99 }));
          for (const name of NAMES) twins.check((tables) => tables.get(childPath(parent, name)));
        }
        for (const owner of OWNERS) twins.check((tables) => tables.ephemeralsOf(owner || 1));
        expect(twins.differences).toEqual([]);
      }),
      { numRuns: 150 },
    );
  },
);

const EMPTY: DataNode = {
  data: null,
  acl: [],
  kind: 0,
  ephemeralOwner: 0,
  ttlMs: 0,
  czxid: 0,
  mzxid: 0,
  pzxid: 0,
  ctime: 0,
  mtime: 0,
  version: 0,
  createCounter: 0,
  aversion: 0,
  numChildren: 0,
};
