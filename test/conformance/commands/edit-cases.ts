import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { poll } from "../../e2e/poll.ts";
import { newFolder } from "../../e2e/service.ts";
import type { Cases } from "./case.ts";

/** Data in an editor, and writes that only pretend. */
export const EDIT_CASES: Cases = {
  "edit writes what the editor saved": async ({ cli, zk }) => {
    await zk.create("/config", "one");
    const environment = { VISUAL: "", EDITOR: "sed -i s/one/two/" };
    const { output, code } = await cli.run(["edit", "/config"], { environment });
    assert.deepEqual([output, code], ["Changed /config\n", 0]);
    const { text, stat } = await zk.get("/config");
    assert.deepEqual([text, stat.version], ["two", 1]);
  },

  "edit overwrites nobody's change, and keeps the text": async ({ cli, zk }) => {
    await zk.create("/config", "one");
    const folder = newFolder();
    const [editor, hasChanged] = [join(folder, "editor"), join(folder, "changed")];
    const waits = `until test -e ${hasChanged}; do sleep 0.05; done`;
    writeFileSync(editor, `echo mine > "$1"\necho editing\n${waits}\n`);
    const edit = cli.start(["edit", "/config"], { VISUAL: "", EDITOR: `sh ${editor}` });
    await poll("the editor runs", () => edit.output.includes("editing") || undefined);
    await zk.set("/config", "somebody's");
    writeFileSync(hasChanged, "");
    assert.equal(await edit.end(), 1);
    assert.ok(
      edit.output.endsWith("/config was changed by somebody else meanwhile: nothing was written\n"),
    );
    assert.equal((await zk.get("/config")).text, "somebody's");
    const kept = /your text is in (.*)\n/.exec(edit.output)?.[1] ?? "";
    assert.ok(existsSync(kept), edit.output);
    assert.equal(readFileSync(kept, "utf8"), "mine\n");
    rmSync(dirname(kept), { recursive: true });
  },

  "a dry run says what would be written, and writes nothing": async ({ cli, zk }) => {
    await zk.create("/app", "one");
    await zk.create("/app/x", "two");
    const before = await Promise.all([zk.get("/app"), zk.get("/app/x"), zk.children("/")]);
    await cli.converse(
      ["create --dry-run /app/new x", "would create /app/new (1 byte)"],
      ["create --dry-run /app/x y", "Node already exists: /app/x"],
      ["set --dry-run /app/x y", "would set /app/x (1 byte, version 1)"],
      ["delete --dry-run /app", "Node not empty: /app"],
      ["delete --dry-run /app/x", "would delete /app/x"],
      ["deleteall --dry-run /app", "would delete /app/x\nwould delete /app"],
      ["setAcl --dry-run /app world:anyone:r", "would setAcl /app world:anyone:r"],
      [
        "cp --dry-run -r /app /copy",
        "would create /copy (3 bytes)\nwould create /copy/x (3 bytes)",
      ],
      ["mv --dry-run /app/x /app/y", "would create /app/y (3 bytes)\nwould delete /app/x"],
      ["set --dry-run /none x", "Node does not exist: /none"],
    );
    const after = await Promise.all([zk.get("/app"), zk.get("/app/x"), zk.children("/")]);
    assert.deepEqual(after, before);
  },
};
