import type { ZooKeeper } from "../../../src/client/index.ts";
import type { Cases } from "./case.ts";

async function makeTree(zk: ZooKeeper): Promise<void> {
  await zk.create("/app", "one");
  await zk.create("/app/x", "two words");
  await zk.create("/app/x/deep", "three");
  await zk.create("/app/task-", "t", { ephemeral: true });
}

/** Subtrees: looked at, copied, moved, and in every format. */
export const TREE_CASES: Cases = {
  "tree, du, find and grep see a subtree": async ({ cli, zk }) => {
    await makeTree(zk);
    await cli.converse(
      ["tree /app", "/app\n├── task-\n└── x\n    └── deep"],
      ["tree -L 1 /app", "/app\n├── task-\n└── x"],
      ["du /app", "1\t1\t/app/task-\n14\t2\t/app/x\n18\t4\t/app"],
      ["find /app --name '^d'", "/app/x/deep"],
      ["find / --ephemeral", "/app/task-"],
      ["grep t[wh] /app", "/app/x:two words\n/app/x/deep:three"],
      ["grep -l t[wh] /app", "/app/x\n/app/x/deep"],
      ["grep nothing /app", "nothing matches nothing below /app"],
      ["tree /none", "/none\nNode does not exist: /none"],
      ["du /none", "Node does not exist: /none"],
    );
  },

  "cp and mv take a subtree as a whole, or leave everything as it was": async ({ cli, zk }) => {
    await makeTree(zk);
    await cli.converse(
      ["setAcl /app/x/deep world:anyone:r", ""],
      ["cp /app/x /copy", "expected /app/x to have no children, saw some: use -r"],
      ["cp -r /app/x /copy", "Created 2 znodes"],
      ["getAcl -o raw /copy/deep", "world:anyone:r"],
      ["get /copy/deep", "three"],
      ["mv /app/x /copy", "Node already exists: /copy"],
      ["ls -R /app/x", "/app/x\n/app/x/deep"],
      ["mv /app/x /moved", ""],
      ["ls -R /moved", "/moved\n/moved/deep"],
      ["ls /app", "[task-]"],
      ["mv /app /app/x/y", "expected /app/x/y to be outside of /app"],
    );
  },

  "results come as JSON, YAML, tables and raw": async ({ cli, zk }) => {
    await makeTree(zk);
    await zk.delete("/app/task-");
    await cli.converse(
      ["ls -o json /app", '["x"]'],
      ["ls -o yaml /app", "---\n- x"],
      ["ls -o table /app", "value\n─────\nx"],
      ["ls -o raw /app", "x"],
      ["-o json ls /app", '["x"]'],
      ["get -o json /app", '{"path":"/app","data":"one"}'],
      ["get -o raw /app", "one"],
      [
        "get -s -o yaml /app",
        /\npath: \/app\ndata: one\nstat:\n {2}czxid: \d+\n[^]* numChildren: 1\n/,
      ],
      ["getAcl -o yaml /app", "---\n- scheme: world\n  id: anyone\n  perms: cdrwa"],
      [
        "du -o json /app",
        '[{"path":"/app/x","znodes":2,"bytes":14},{"path":"/app","znodes":3,"bytes":17}]',
      ],
      [
        "du -o table /app",
        "path    znodes  bytes\n──────  ──────  ─────\n/app/x       2     14\n/app         3     17",
      ],
      ["find -o json /app/x", '"/app/x"\n"/app/x/deep"'],
      ["grep -o json three /app", '{"path":"/app/x/deep","line":"three"}'],
      ["get -o csv /app", /expected|invalid/],
    );
  },
};
