import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cleanUp } from "./clean-up.ts";
import { freePort } from "./free-port.ts";
import { poll } from "./poll.ts";
import { ProcessGroup, ROOT } from "./process-group.ts";
import { readReadme } from "./readme-story.ts";
import { newFolder } from "./service.ts";

afterAll(cleanUp);

/** A Worker that leaves a session behind, and whom the platform cleans up after. */
const FORGETFUL = `
export default {
  async fetch(_request, { KEEPER }) {
    while ((await KEEPER.exists("/forgotten")) !== undefined);
    const session = await KEEPER.session({ sessionTimeoutMs: 40_000 });
    await session.create("/forgotten", "", { ephemeral: true });
    return new Response(String(await session.sessionId));
  },
};
`;

/** Says what a binding whose props are those below may do. */
const READER = `
export default {
  async fetch(_request, { KEEPER }) {
    const attempt = (promise) =>
      promise.then(() => "OK", ({ name, codeName, path }) => ({ name, codeName, path }));
    return Response.json([
      await attempt(KEEPER.exists("/")),
      await attempt(KEEPER.create("/a")),
      await attempt(KEEPER.with({ namespace: "default" }).get("/")),
      await attempt(KEEPER.session()),
    ]);
  },
};
`;

/** A block of the README's section, by its language. */
function block(language: string): string {
  const [, rest = ""] = readReadme().split("\n## Use it from another Worker\n");
  const [section = ""] = rest.split("\n## ");
  const [, text = ""] = new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, "m").exec(section) ?? [];
  return text;
}

/** What `npm install` makes of the package, and a Worker with the binding that the README shows. */
function writeCaller(name: string, program: string, props = ""): string {
  const folder = newFolder();
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(ROOT, join(folder, "node_modules/edgekeeper"), "dir");
  writeFileSync(join(folder, "index.ts"), program);
  const config = join(folder, "wrangler.toml");
  const head = `name = "${name}"\nmain = "index.ts"\ncompatibility_date = "2026-11-01"\n\n`;
  writeFileSync(config, `${head}${block("toml").replace(/^#? *props = .*\n/m, props)}`);
  return config;
}

/** The service's own configuration, on another port for ZooKeeper's clients. */
async function serviceConfig(): Promise<string> {
  const config = join(newFolder(), "wrangler.toml");
  const text = readFileSync(join(ROOT, "wrangler.toml"), "utf8")
    .replace(/^main = "/gm, `main = "${ROOT}/`)
    .replace("\nport = 2181\n", `\nport = ${await freePort()}\n`);
  writeFileSync(config, text);
  return config;
}

/** A Worker and the service, as `wrangler dev` runs both. */
class Pair {
  readonly #base: string;

  static async start(callerConfig: string): Promise<Pair> {
    const port = await freePort();
    const configs = ["-c", callerConfig, "-c", await serviceConfig()];
    const state = ["--persist-to", newFolder(), "--inspector-port", `${await freePort()}`];
    const group = new ProcessGroup("npx", {
      arguments: [
        "wrangler",
        "dev",
        ...configs,
        "--ip",
        "127.0.0.1",
        "--port",
        `${port}`,
        ...state,
      ],
      environment: { CLOUDFLARE_CF_FETCH_ENABLED: "false", X_LOCAL_OBSERVABILITY: "false" },
    });
    const pair = new Pair(`http://127.0.0.1:${port}`);
    const up = async (): Promise<true | undefined> =>
      group.output.includes("Ready on") ? true : undefined;
    await poll("both Workers run", up, 50_000).catch((error) => group.fail(error));
    return pair;
  }

  private constructor(base: string) {
    this.#base = base;
  }

  async ask(): Promise<string> {
    const response = await fetch(this.#base, { signal: AbortSignal.timeout(20_000) });
    return response.text();
  }
}

describe("another Worker that binds the service", () => {
  let pair: Pair;

  beforeAll(async () => {
    pair = await Pair.start(writeCaller("caller", block("ts")));
  });

  test("[WB26] runs the README's program, and never two hold its lock", async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => pair.ask()));

    const tokens = answers.map(
      (answer) => /^saw .*zookeeper, with token (\d+)\n$/.exec(answer)?.[1],
    );
    expect(tokens).not.toContain(undefined);
    expect(new Set(tokens).size).toBe(5);
  });
});

test("[WB27] a session that a Worker left behind is closed with the invocation", async () => {
  const pair = await Pair.start(writeCaller("forgetful", FORGETFUL));

  const ids = [await pair.ask(), await pair.ask(), await pair.ask()];

  // Each of them made the same ephemeral: that of the one before was gone, long before its timeout.
  expect(ids.every((id) => /^\d+$/.test(id))).toBe(true);
  expect(new Set(ids).size).toBe(3);
});

test("[WB14] the props of wrangler.toml say what the Worker may do", async () => {
  const props = 'props = { role = "read", namespaces = ["billing"] }\n';
  const pair = await Pair.start(writeCaller("reader", READER, props));

  expect(JSON.parse(await pair.ask())).toEqual([
    "OK",
    { name: "KeeperError", codeName: "NOAUTH", path: "/a" },
    { name: "KeeperError", codeName: "NOAUTH", path: "/" },
    { name: "KeeperError", codeName: "NOAUTH" },
  ]);
});
