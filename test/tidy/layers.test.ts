import { expect, it } from "vitest";
import { checkLayers } from "./layers.ts";
import { plant, thisRepository } from "./repository.ts";

it("every import points to a layer and a package that its own layer may see", () => {
  expect(checkLayers(thisRepository())).toEqual([]);
});

it.each([
  'import { a } from "../shard/shard.ts";',
  'import type { A } from "../shard/shard.ts";',
  'import "../shard/shard.ts";',
  'export { a } from "../shard/shard.ts";',
  'export * from "../shard/shard.ts";',
  'const a = await import("../shard/shard.ts");',
  'type A = import("../shard/shard.ts").A;',
  'import {\n  a,\n  b,\n} from\n  "../shard/shard.ts";',
])("notices an upward import: %s", (text) => {
  expect(checkLayers(plant({ "src/core/a.ts": text }))).toEqual([
    "src/core/a.ts: layer core may not import layer shard (../shard/shard.ts)",
  ]);
});

it("notices an import that is only transitively allowed", () => {
  const planted = plant({ "src/gateway/a.ts": 'import "../server/a.ts";' });
  expect(checkLayers(planted)).toHaveLength(1);
});

it.each(["hono", "node:fs", "cloudflare:workers", "zod"])("notices package %s in core", (name) => {
  const planted = plant({ "src/core/a.ts": `import { a } from "${name}";` });
  expect(checkLayers(planted)).toEqual([
    `src/core/a.ts: layer core may not import the package ${name}`,
  ]);
});

it("notices an import of a test, one without .ts, and a layer without a row", () => {
  const planted = plant({
    "src/core/a.ts": 'import "../../test/unit/a.ts";',
    "src/core/b.ts": 'import "./a";',
    "src/utils/c.ts": "export const c = 1;",
  });
  expect(checkLayers(planted)).toHaveLength(3);
});

it("allows what the table allows and does not read comments", () => {
  const planted = plant({
    "src/core/a.ts": '// import "../shard/a.ts";\n/* import "hono" */ import "./b.ts";',
    "src/gateway/a.ts": 'import "hono/cors"; import "../shard/env.ts"; import "zod";',
    "src/index.ts": 'import "./gateway/app.ts"; import "./dev-tools.ts";',
  });
  expect(checkLayers(planted)).toEqual([]);
});
