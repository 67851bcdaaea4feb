import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OPEN_ACL_UNSAFE } from "../../../src/core/acl.ts";
import type { Change } from "../../../src/core/watched-event.ts";
import { ModelWatches } from "../../model/model-watches.ts";
import { WatchLedger } from "../../simulation/checkers/watch-ledger.ts";
import type { Operation } from "../../simulation/history.ts";

const PATHS = ["/", "/a", "/ab", "/a/b", "/a/b/c"];

const path = fc.constantFrom(...PATHS);
const connection = fc.nat(2);

const step = fc.oneof(
  fc.record({
    do: fc.constant("set" as const),
    connection,
    path,
    kind: fc.constantFrom("data", "child", "persistent", "recursive"),
  }),
  fc.record({
    do: fc.constant("remove" as const),
    connection,
    path,
    type: fc.integer({ min: 1, max: 5 }),
  }),
  fc.record({
    do: fc.constant("change" as const),
    path,
    type: fc.constantFrom("NodeCreated", "NodeDeleted", "NodeDataChanged"),
  }),
);

describe("the ledger of watches", () => {
  it("[WG2][WG10][WG11][WG13] fires as the naive model does", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const ledger = new WatchLedger();
        const model = new ModelWatches();
        const setBy = {} as Operation;
        steps.forEach((one, at) => {
          if (one.do === "set") {
            ledger.set({
              connection: one.connection,
              path: one.path,
              kind: one.kind,
              setBy,
              setAt: at,
            });
            model.add(one.connection, one.path, one.kind);
            return;
          }
          if (one.do === "remove") {
            ledger.remove(one.connection, one.path, { type: one.type, at });
            model.remove(one.connection, one.path, one.type);
            return;
          }
          const acl = OPEN_ACL_UNSAFE;
          const change: Change = { type: one.type, path: one.path, zxid: at, acl, parentAcl: acl };

          const due = ledger.fire(change);
          const expected = model.fire(change);

          // Only the order within a connection is promised.
          const ofConnection = (id: number): string[] =>
            due
              .filter((event) => event.connection === id)
              .map((event) => `${event.type} ${event.path}`);
          for (const id of [0, 1, 2]) {
            const own = expected.filter(({ watcher }) => watcher === id);
            expect(ofConnection(id)).toEqual(own.map((event) => `${event.type} ${event.path}`));
          }
        });
      }),
      { numRuns: 300 },
    );
  });
});
