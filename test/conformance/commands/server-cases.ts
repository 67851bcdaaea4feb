import assert from "node:assert/strict";
import type { Cases } from "./case.ts";
import { CommandLine } from "./command-line.ts";

/** The server itself, and how it is named. */
export const SERVER_CASES: Cases = {
  "a server that stands alone answers what operators ask": async ({ cli }) => {
    await cli.converse(
      ["config", ""],
      ["config -o json", '{"path":"/zookeeper/config","data":""}'],
      ["reconfig -remove 1", "KeeperErrorCode = Reconfig is disabled"],
      ["reconfig", "expected one of -file, -members, -add and -remove, saw none"],
      ["ruok", "imok"],
      ["4lw ruok", "imok"],
      ["4lw isro", "rw"],
      ["4lw srvr", /^Zookeeper version: [^]*\nMode: standalone\nNode count: \d+$/m],
      ["4lw conf", /^clientPort=-?\d+\n[^]*\nserverId=0$/m],
      ["4lw -o json mntr", /\{"word":"mntr","answer":".*zk_server_state\\tstandalone\\n/],
      ["4lw nope", /Allowed choices are conf, cons, /],
    );
  },

  "paths are completed": async ({ cli, zk }) => {
    for (const path of ["/apple", "/app", "/app/two words", "/banana"]) await zk.create(path, "");
    const { output, code } = await cli.run(["__complete", "--", "get", "/ap"]);
    assert.deepEqual([output, code], ["path\n/app\t\n/apple\t\n", 0]);
  },

  "a chroot stands behind the addresses": async ({ way, root, zk }) => {
    await zk.create("/app", "one");
    const cli = new CommandLine("--server", `${way.server}${root}`);
    const { output, code } = await cli.run(["ls", "-R", "/"]);
    if (way.server.startsWith("http")) {
      // The path of a URL is where the service is: there a chroot is an option.
      assert.match(output, /no edgekeeper answers at this URL/);
      assert.equal(code, 1);
    } else {
      assert.deepEqual([output, code], ["/\n/app\n", 0]);
    }
  },
};
