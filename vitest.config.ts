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
      nodeProject("e2e"),
      {
        // Reads the top level of wrangler.toml, which has no `connect`: a TCP listener would be
        // opened once per test file, and the second one would fail with ERR_ADDRESS_IN_USE.
        plugins: [
          cloudflareTest({
            wrangler: { configPath: "./wrangler.toml" },
            miniflare: { cf: false },
          }),
        ],
        test: { name: "workerd", include: ["test/workerd/**/*.test.ts"] },
      },
    ],
  },
});
