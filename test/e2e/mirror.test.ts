import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { cleanUp } from "./clean-up.ts";
import { ProcessGroup } from "./process-group.ts";
import { newFolder, Service } from "./service.ts";

afterAll(cleanUp);

const TREE = `{"format":"edgekeeper tree","version":1,"acl":true,"znodes":[
{"path":"/","data":"root"},
{"path":"/bytes","base64":"/w=="},
{"path":"/null","data":null},
{"path":"/read-only","data":"x","acl":[{"scheme":"world","id":"anyone","perms":"cdra"}]},
{"path":"/read-only/below","data":"日本語"}
]}
`;

it("[SH20] a tree goes by file, URL, port and pipe, and stays what it was", async () => {
  const service = await Service.start();
  const folder = newFolder();
  const [file, tar, back] = ["tree.json", "tree.tar", "back.json"].map((name) =>
    join(folder, name),
  );
  const [url, port] = [`${service.base}/app`, `127.0.0.1:${service.nativePort}/copy`];
  writeFileSync(file ?? "", TREE);
  await edgekeeper("mirror", file, url).succeed();
  await edgekeeper("mirror", url, port).succeed();
  await edgekeeper("mirror", port, tar).succeed();
  await shell(`cat ${tar} | ${EDGEKEEPER} mirror - ${service.base}/ns/other/piped`).succeed();
  await shell(`${EDGEKEEPER} mirror ${service.base}/ns/other/piped - > ${back}`).succeed();

  expect(readFileSync(back ?? "", "utf8")).toBe(TREE);
  await edgekeeper("diff", url, port).succeed();
  await edgekeeper("--server", service.base, "set", "/app/null", "x").succeed();
  const different = shell(`${EDGEKEEPER} diff ${port} ${url}; echo "=$?"`);
  await different.succeed();
  expect(different.output).toBe("~ /null\n  - no data\n  + x\n=1\n");
});

it("[SH29] a following mirror carries changes over, and ends at a signal", async () => {
  const service = await Service.start();
  const { base } = service;
  await edgekeeper("--server", base, "create", "/app", "1").succeed();
  const following = edgekeeper("mirror", "--watch", `${base}/app`, `${base}/ns/new/app`);
  await expect.poll(() => following.output, { timeout: 20_000 }).toContain("following /app");
  await edgekeeper("--server", base, "set", "/app", "2").succeed();
  await expect.poll(() => following.output, { timeout: 20_000 }).toContain("changed 1");
  following.signal("SIGINT");
  await expect(following.succeed()).rejects.toThrow("ended with 130");

  await edgekeeper("diff", `${base}/app`, `${base}/ns/new/app`).succeed();
});

it("[SH31] edit opens the user's editor, and writes what it saved", async () => {
  const service = await Service.start();
  const editor = join(newFolder(), "editor.sh");
  writeFileSync(editor, '#!/bin/sh\nsed -i s/one/two/ "$1"\n');
  chmodSync(editor, 0o700);
  const at = ["--server", service.base];
  await edgekeeper(...at, "create", "/config", "one").succeed();
  const editing = edgekeeper(...at, "edit", "/config");
  await editing.succeed();
  expect(editing.output).toBe("unchanged: nothing was written to /config\n");

  function edgekeeperEditing(...words: readonly string[]): ProcessGroup {
    return shell(`VISUAL=${editor} ${EDGEKEEPER} ${words.join(" ")}`);
  }
  await edgekeeperEditing(...at, "edit", "--dry-run", "/config").succeed();
  await edgekeeperEditing(...at, "edit", "/config").succeed();
  const got = edgekeeper(...at, "get", "/config");
  await got.succeed();
  expect(got.output).toBe("two\n");
});

const EDGEKEEPER = `${process.execPath} src/cli/main.ts`;

function shell(line: string): ProcessGroup {
  return new ProcessGroup("sh", { arguments: ["-c", line] });
}

function edgekeeper(...words: readonly (string | undefined)[]): ProcessGroup {
  const given = words.filter((word) => word !== undefined);
  return new ProcessGroup(process.execPath, {
    arguments: ["src/cli/main.ts", ...given],
    environment: { VISUAL: "true" },
  });
}
