import { describe, expect, test } from "vitest";
import { ZooKeeper } from "../../../src/client/index.ts";
import type { Id } from "../../../src/core/acl.ts";
import { EnsembleHarness } from "../server/ensemble/ensemble-harness.ts";
import { EnsembleService } from "./ensemble-service.ts";
import { FakeClock } from "./fake-clock.ts";
import { twoClients } from "./two-clients.ts";

const SUPER: Id = { scheme: "super", id: "" };
const NOBODY: Id = { scheme: "ip", id: "192.0.2.1" };

/** An ensemble of three, led by the first, and a client that may do everything. */
function start({ ids = [SUPER], synced }: { ids?: readonly Id[]; synced?: number[] } = {}) {
  const clock = new FakeClock();
  const ensemble = new EnsembleHarness(3, synced === undefined ? {} : { synced });
  const service = new EnsembleService(clock, ids, ensemble);
  service.elect(1);
  const open = (chroot = ""): ZooKeeper =>
    new ZooKeeper(service.servers, { dial: service.dial, clock, chroot });
  return { service, ensemble, open, zk: open() };
}

const sidsOf = (text: string): string[] =>
  [...text.matchAll(/^server\.(\d+)=/gm)].map(([, sid = ""]) => sid);

describe("the configuration of an ensemble", () => {
  test("[CL12] getConfig reads it", async () => {
    const { zk } = start();

    expect((await zk.getConfig()).text).toBe(
      "server.1=any:2888:3888:participant\nserver.2=any:2888:3888:participant\n" +
        "server.3=any:2888:3888:participant\nversion=0",
    );
  });

  test("[CL12] getConfig watches it, and knows no chroot", async () => {
    const { zk, open } = start();
    await zk.create("/zoo");
    const inside = open("/zoo");
    const heard: string[] = [];
    await inside.getConfig({ watch: ({ type, path }) => heard.push(`${type} ${path}`) });
    await zk.reconfig({ leaving: [3] });
    await inside.sync();

    expect(heard).toEqual(["NodeDataChanged /zookeeper/config"]);
    expect(sidsOf((await inside.getConfig()).text)).toEqual(["1", "2"]);
  });

  test("[CL12] getConfig of a server that stands alone has no data", async () => {
    const { zk } = await twoClients();

    expect((await zk.getConfig()).text).toBe("");
  });

  test("[CL13] reconfig lets members join and leave, and returns the new configuration", async () => {
    const { zk } = start();
    const znode = await zk.reconfig({
      joining: ["server.4=weur:2888:3888:observer", "server.5=any:2888:3888"],
      leaving: [2, "3"],
      fromConfig: 0,
    });

    expect(znode.text).toBe(
      "server.1=any:2888:3888:participant\nserver.4=weur:2888:3888:observer\n" +
        `server.5=any:2888:3888:participant\nversion=${znode.stat.mzxid.toString(16)}`,
    );
    expect((await zk.getConfig()).text).toBe(znode.text);
  });

  test("[CL13] reconfig names all members at once, from the version that was read", async () => {
    const { zk } = start();
    const { stat } = await zk.reconfig({ leaving: [3] });
    const members = ["server.1=any:1:2", "server.3=any:1:2"];

    expect(sidsOf((await zk.reconfig({ members, fromConfig: stat.mzxid })).text)).toEqual([
      "1",
      "3",
    ]);
  });

  test.each([
    ["BADARGUMENTS", { joining: ["server.x=any:1:2"] }, {}],
    ["BADARGUMENTS", {}, {}],
    ["BADVERSION", { leaving: [3], fromConfig: 7 }, {}],
    ["NEWCONFIGNOQUORUM", { joining: ["server.4=any:1:2", "server.5=any:1:2"] }, { synced: [2] }],
    ["NOAUTH", { leaving: [3] }, { ids: [NOBODY] }],
  ])("[CL14] it fails with %s for %j", async (codeName, change, options) => {
    const { zk } = start(options);

    await expect(zk.reconfig(change)).rejects.toMatchObject({
      codeName,
      path: "/zookeeper/config",
    });
  });

  test("[CL14] it fails with RECONFIGINPROGRESS while another one is under way", async () => {
    const { zk } = start();
    const first = zk.reconfig({ leaving: [3] });
    const second = zk.reconfig({ leaving: [2] });

    await expect(second).rejects.toMatchObject({ codeName: "RECONFIGINPROGRESS" });
    expect(sidsOf((await first).text)).toEqual(["1", "2"]);
  });

  test("[CL14] it fails with RECONFIGDISABLED where a server stands alone", async () => {
    const { zk } = await twoClients();

    await expect(zk.reconfig({ leaving: [3] })).rejects.toMatchObject({
      codeName: "RECONFIGDISABLED",
    });
  });
});
