import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cleanUp } from "./clean-up.ts";
import { poll } from "./poll.ts";
import { ProcessGroup, ROOT } from "./process-group.ts";
import { BrowserRuntime, PageServer } from "./programs/browser-runtime.ts";
import { NodeRuntime } from "./programs/node-runtime.ts";
import type { Line, ProgramRun, Runtime } from "./programs/program-run.ts";
import { at, installPrograms, readmeCommands, readmePrograms } from "./programs/readme-program.ts";
import { WorkerRuntime } from "./programs/worker-runtime.ts";
import { Service } from "./service.ts";

afterAll(cleanUp);

const names = readmePrograms().map(({ name }) => name);
let folder: string;
let service: Service;
let pages: PageServer;
let browser: BrowserRuntime;
let runtimes: readonly Runtime[];

beforeAll(async () => {
  pages = await PageServer.start();
  service = await Service.start(["--var", `CORS_ORIGINS:${pages.origin}`]);
  folder = installPrograms(service.base);
  browser = await BrowserRuntime.start(pages);
  await browser.install(folder, names);
  runtimes = [new NodeRuntime(folder), browser, await WorkerRuntime.start(folder, names)];
});

/** Starts a program in every runtime, so many times. */
async function runEverywhere(program: string, times: number): Promise<readonly ProgramRun[]> {
  const all = Array.from({ length: times }, () => runtimes).flat();
  return Promise.all(all.map((runtime) => runtime.run(program)));
}

/** Waits until something is there; what was printed says why not. */
async function until<T>(
  what: string,
  runs: readonly ProgramRun[],
  ask: () => T | undefined | Promise<T | undefined>,
): Promise<T> {
  return poll(what, ask, 20_000).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${JSON.stringify(runs.map(({ lines }) => lines))}`);
  });
}

const tokenOf = ({ text }: Line): number => Number(/token (\d+)$/.exec(text)?.[1]);

describe("the programs of the README", () => {
  test("[PG1] are three, of less than 15 lines each", () => {
    expect(names).toEqual(["lock", "config", "leader"]);
    for (const { text } of readmePrograms()) {
      expect(text.trim().split("\n").length).toBeLessThan(15);
    }
  });

  test("[PG1] compile, strictly", async () => {
    const command = join(ROOT, "node_modules/.bin/tsc");
    const tsc = new ProcessGroup(command, { arguments: ["--project", folder] });

    await tsc.succeed();

    expect(tsc.output).toBe("");
  });

  test("[PG3] the lock has one holder at a time, whatever he runs in, and its token grows", async () => {
    const runs = await runEverywhere("lock", 2);

    const lines = await until("six have printed", runs, () => {
      const all = runs.flatMap((run) => run.lines);
      return all.length === 12 ? all : undefined;
    });

    const turns = lines.toSorted((one, other) => one.atMs - other.atMs);
    const order = turns.filter(({ text }) => text.startsWith("printing"));
    expect(turns.map(({ who, text }) => [who, text.split(/\W/)[0]])).toEqual(
      order.flatMap(({ who }) => [
        [who, "printing"],
        [who, "printed"],
      ]),
    );
    const tokens = order.map(tokenOf);
    expect(tokens).toEqual([...new Set(tokens)].toSorted((one, other) => one - other));
  });

  test("[PG4] the configuration is followed live, whoever changes it", async () => {
    const runs = await runEverywhere("config", 1);
    const write = (greeting: string): Promise<void> => {
      const command = readmeCommands("config").replace("Hello", greeting);
      return new ProcessGroup("bash", { arguments: ["-c", at(command, service.base)] }).succeed();
    };

    for (const [index, greeting] of ["Hello", "Moin"].entries()) {
      await write(greeting);
      await until(`all say ${greeting}`, runs, () =>
        runs.every(({ lines }) => lines[index] !== undefined) ? true : undefined,
      );
    }

    for (const { lines } of runs) {
      expect(lines.map(({ text }) => text)).toEqual(["Hello", "Moin"]);
    }
    await Promise.all(runs.map((run) => run.die()));
  });

  test("[PG5] a leader that dies is followed by another one, whatever either runs in", async () => {
    const candidates = [...(await runEverywhere("leader", 1))];
    await until("three stand", candidates, async () => {
      const response = await fetch(`${service.base}/znodes/leader?children`);
      const { children = [] } = (await response.json()) as { children?: readonly string[] };
      return children.length === candidates.length ? true : undefined;
    });

    const leaders: ProgramRun[] = [];
    while (candidates.length > 0) {
      const index = await until("somebody leads", candidates, () => {
        const found = candidates.findIndex(({ lines }) => lines.length > 0);
        return found < 0 ? undefined : found;
      });
      const [leader] = candidates.splice(index, 1);
      if (leader === undefined) break;
      leaders.push(leader);
      await leader.die();
    }

    expect(new Set(leaders.map(({ who }) => who.split(" ")[0]))).toEqual(
      new Set(runtimes.map(({ name }) => name)),
    );
    const tokens = leaders.map(({ lines }) => new Set(lines.map(tokenOf)));
    expect(tokens.map(({ size }) => size)).toEqual([1, 1, 1]);
    const order = tokens.flatMap((seen) => [...seen]);
    expect(order).toEqual(order.toSorted((one, other) => one - other));
  });
});

let pageCount = 0;

/** A page that says each state of its client, once it has made an ephemeral of its name. */
async function openPage(url: string, { token = "", origin = pages.origin } = {}) {
  const name = `page${(pageCount += 1)}`;
  const program = `
    import { ZooKeeper } from "edgekeeper/client";
    const token = ${JSON.stringify(token)};
    const zk = new ZooKeeper("${url}", token === "" ? {} : { token });
    await zk.create("/${name}", "", { ephemeral: true });
    const say = (state) => console.log(state + " " + zk.sessionId + " /${name}");
    zk.onState(say);
    say(zk.state);
  `;
  writeFileSync(join(folder, `${name}.mts`), program);
  await browser.install(folder, [name]);
  return browser.run(name, origin);
}

/** Waits until a page has said so many lines that match. */
function said(page: ProgramRun, pattern: RegExp, count = 1): Promise<readonly string[]> {
  return until(`the page says ${count} times ${pattern}`, [page], () => {
    const found = page.lines.map(({ text }) => text).filter((text) => pattern.test(text));
    return found.length >= count ? found : undefined;
  });
}

describe("a page", () => {
  test("[PG6] of an origin that CORS_ORIGINS does not name is refused", async () => {
    const stranger = await openPage(service.base, { origin: pages.otherOrigin });

    await said(stranger, /WebSocket.* 403/);

    const friend = await openPage(service.base);
    expect(await said(friend, /^connected/)).toHaveLength(1);
    await Promise.all([stranger.die(), friend.die()]);
  });

  test("[PG7] gets in by its token where nobody does without one", async () => {
    const token = "page-secret/+é";
    const sha256 = createHash("sha256").update(token).digest("hex");
    const known = { name: "page", sha256, namespaces: ["*"], role: "write" };
    const variables = [
      "ANONYMOUS_ROLE:",
      `TOKENS:${JSON.stringify([known])}`,
      `CORS_ORIGINS:${pages.origin}`,
    ];
    const closed = await Service.start(variables.flatMap((one) => ["--var", one]));

    const stranger = await openPage(closed.base);
    await said(stranger, /WebSocket.* (?:401|Authentication failed)/);
    const friend = await openPage(closed.base, { token });

    expect(await said(friend, /^connected/)).toHaveLength(1);
    await Promise.all([stranger.die(), friend.die(), closed.kill()]);
  });

  test("[PG8] is connected again, in the same session, after the service was started anew", async () => {
    const page = await openPage(service.base);
    const [before = ""] = await said(page, /^connected/);
    await service.kill();
    await said(page, /^suspended/);

    await service.restart();

    const [, after] = await said(page, /^connected/, 2);
    expect(after).toBe(before);
    const path = before.split(" ").at(-1);
    expect((await fetch(`${service.base}/znodes${path}`)).status).toBe(200);
  });
});
