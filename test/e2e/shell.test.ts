import { afterAll, expect, it } from "vitest";
import { cleanUp } from "./clean-up.ts";
import { ProcessGroup } from "./process-group.ts";
import { Service } from "./service.ts";

afterAll(cleanUp);

const TEXTBOOK = [
  'create -e /master "host:2223"',
  "stat -w /master",
  "create /workers",
  "ls -w /workers",
  "create /workers/w1",
  "create /tasks",
  'create -s /tasks/task- "cmd"',
  "delete /master",
  "",
];

it("[EE20] the textbook lines work in the shell, by URL and by host and port", async () => {
  const service = await Service.start();
  for (const server of [service.base, `127.0.0.1:${service.nativePort}`]) {
    const shell = edgekeeper("--server", server, "shell");
    shell.write(TEXTBOOK.join("\n"));
    shell.endInput();
    await shell.succeed();

    expect(shell.output.match(/^Created .*$/gm)).toEqual([
      "Created /master",
      "Created /workers",
      "Created /workers/w1",
      "Created /tasks",
      "Created /tasks/task-0000000000",
    ]);
    expect(shell.output.match(/(?<=type:Node).*$/gm)).toEqual([
      "ChildrenChanged path:/workers",
      "Deleted path:/master",
    ]);
    for (const path of ["/workers", "/tasks"]) {
      await edgekeeper("--server", server, "deleteall", path).succeed();
    }
  }
});

it("[EE21] an interrupted lock ends its program first, and leaves nothing behind", async () => {
  const service = await Service.start();
  const program = "trap 'kill $!; echo ended; exit 0' TERM; echo started; sleep 60 & wait";
  const locked = edgekeeper("--server", service.base, "lock", "/lock", "--", "sh", "-c", program);
  await expect.poll(() => locked.output, { timeout: 20_000 }).toContain("started");
  const second = edgekeeper("--server", service.base, "lock", "/lock", "--", "echo", "second");
  process.kill(locked.pid, "SIGTERM");
  await second.succeed();

  expect(locked.output).toContain("ended");
  const listed = edgekeeper("--server", service.base, "-o", "json", "ls", "/lock");
  await listed.succeed();
  expect(listed.output.trim()).toBe("[]");
});

function edgekeeper(...args: readonly string[]): ProcessGroup {
  return new ProcessGroup(process.execPath, { arguments: ["src/cli/main.ts", ...args] });
}
