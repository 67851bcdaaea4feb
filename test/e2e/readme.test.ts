import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { cleanUp } from "./clean-up.ts";
import type { Fact } from "./participant-process.ts";
import { poll } from "./poll.ts";
import { ProcessGroup } from "./process-group.ts";
import { readReadme, shownPattern, storyBlocks } from "./readme-story.ts";
import { newFolder, Service } from "./service.ts";
import { Terminal } from "./terminal.ts";

afterAll(cleanUp);

test("[EE15] the README's story of a master and its workers happens as it is told", async () => {
  const service = await Service.start();
  const blocks = storyBlocks(readReadme(), "A master and its workers");
  const names = new Set(blocks.map(({ terminal }) => terminal));
  names.delete("everybody");
  const terminals = new Map([...names].map((name) => [name, new Terminal()]));
  const at = (name: string) =>
    name === "everybody" ? [...terminals.values()] : [terminals.get(name) ?? new Terminal()];

  for (const { kind, terminal, text } of blocks) {
    for (const one of at(terminal)) {
      if (kind === "sh") await one.paste(text.replace("http://127.0.0.1:8787", service.base));
      else await one.shows(shownPattern(text));
    }
  }

  expect([...names]).toEqual(["ann", "bob", "worker", "client"]);
  const master = await fetch(`${service.base}/znodes/master`);
  expect(await master.text()).toBe("bob");
});

test("[EE19] the README's story of an ensemble happens as it is told", async () => {
  const service = await Service.start(["--var", "ENSEMBLE:5"]);
  const reader = new Terminal();

  for (const { kind, terminal, text } of storyBlocks(readReadme(), "An ensemble")) {
    expect(terminal).toBe("reader");
    if (kind === "sh") await reader.paste(text.replace("http://127.0.0.1:8787", service.base));
    else await reader.shows(shownPattern(text));
  }

  const config = await fetch(`${service.base}/znodes/config`);
  expect(await config.text()).toBe("color=green");
});

test("[EE18] the README's WebSocket example connects, creates and lists", async () => {
  const service = await Service.start();
  const [, program = ""] = /^```js\n([^]*?)^```$/m.exec(readReadme()) ?? [];
  const file = join(newFolder(), "example.mjs");
  writeFileSync(file, program.replace("127.0.0.1:8787", new URL(service.base).host));
  const example = new ProcessGroup(process.execPath, { arguments: [file] });

  const lines = await poll("the list is answered", () => {
    const messages = example.output.split("\n").filter((line) => /^[[{]/.test(line));
    const flat = messages.flatMap((line): Fact | readonly Fact[] => JSON.parse(line));
    return flat.some((message) => message["id"] === 2) ? flat : undefined;
  });

  expect(lines).toEqual([
    expect.objectContaining({ connected: 1, timeout: 10_000 }),
    expect.objectContaining({ id: 1, path: "/hello" }),
    expect.objectContaining({ id: 2, children: expect.arrayContaining(["hello"]) }),
  ]);
});

test("[EE16] plain wrangler dev starts, and knows a token that the README's commands made", async () => {
  const [commands = ""] = /^TOKEN=[^]*?(?=^```$)/m.exec(readReadme()) ?? [];
  const shell = new Terminal();
  // The secret goes to the screen instead of to Cloudflare.
  await shell.paste("npx() { cat; }");
  await shell.paste(commands);
  await shell.paste('printf "TOKEN %s\\n" "$TOKEN"');
  const [secret = ""] = /^\[\{.*\}\]$/m.exec(shell.group.output) ?? [];
  const [, token = ""] = /TOKEN (.*)$/m.exec(shell.group.output) ?? [];

  const service = await Service.startPlain([
    "--persist-to",
    newFolder(),
    "--var",
    `TOKENS:${secret}`,
  ]);
  const ask = (headers: Record<string, string>) =>
    fetch(`${service.base}/znodes/a?upsert`, { method: "PUT", headers });
  const known = await ask({ Authorization: `Bearer ${token}` });
  const stranger = await ask({ Authorization: `Bearer ${token}x` });
  const anonymous = await ask({});

  expect(known.status).toBe(201);
  expect(stranger.status).toBe(401);
  expect(anonymous.status).toBe(200);
});

test("[EE17] what deploy ships has no anonymous role and no development control", async () => {
  const outdir = newFolder();
  const deploy = new ProcessGroup("npm", {
    arguments: ["run", "deploy", "--", "--dry-run", "--outdir", outdir],
  });

  await deploy.succeed();

  expect(deploy.output).toContain("env.SHARD");
  expect(deploy.output).not.toContain("env.ANONYMOUS_ROLE");
  const bundle = readFileSync(join(outdir, "index.js"), "utf8");
  // Not the whole bundle in a failure's message.
  const found = [
    "acceptWebSocket",
    "ANONYMOUS_ROLE",
    "/ensemble/members/",
    "this member is stopped",
  ].filter((word) => bundle.includes(word));
  expect(found).toEqual(["acceptWebSocket"]);
});
