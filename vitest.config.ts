import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

/** One vitest project per kind of test; `test/README.md` says what each proves. */
const nodeProject = (name: string) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    environment: "node",
  },
});

export default defineConfig({
  test: {
    projects: [
      nodeProject("unit"),
      nodeProject("contract"),
      nodeProject("tidy"),
      // A seed is a run of seconds, longer beside other work.
      { test: { ...nodeProject("simulation").test, testTimeout: 60_000 } },
      {
        // Each file runs a service of its own: one after the other, so that deadlines mean something.
        test: {
          ...nodeProject("e2e").test,
          fileParallelism: false,
          testTimeout: 90_000,
          hookTimeout: 60_000,
        },
      },
      {
        // Reads the environment `production`, which has no `connect`: a TCP listener would be opened
        // once per test file, and the second one would fail with ERR_ADDRESS_IN_USE.
        plugins: [
          cloudflareTest({
            // The Worker of local development, and a shard that tests can look into.
            main: "./test/workerd/worker.ts",
            wrangler: { configPath: "./wrangler.toml", environment: "production" },
            miniflare: {
              cf: false,
              bindings: { ANONYMOUS_ROLE: "admin" },
              durableObjects: { OBSERVED: { className: "ObservedShard", useSQLite: true } },
            },
          }),
        ],
        test: { name: "workerd", include: ["test/workerd/**/*.test.ts"] },
      },
    ],
  },
});
