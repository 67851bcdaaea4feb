import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { readAnonymousRole } from "../../src/gateway/anonymous-role.ts";
import { createApp } from "../../src/gateway/app.ts";
import { eventually } from "./client.ts";
import { Ensemble } from "./ensemble.ts";

const app = createApp({ readAnonymousRole });

interface View {
  readonly leader: number | null;
  readonly epoch: number | null;
  readonly members: readonly Record<string, unknown>[];
  readonly election: { readonly votes: readonly { readonly votesFor: number }[] } | null;
  readonly warnings: readonly string[];
}

/** An ensemble behind its HTTP door. */
class Door extends Ensemble {
  /** What the gateway's variable says, if it differs from what the members began with. */
  variable: unknown;

  constructor(text: unknown) {
    super(text);
    this.variable = text;
  }

  async send(line: string, headers: Record<string, string> = {}): Promise<Response> {
    const [method = "", path = ""] = line.split(" ");
    const request = new Request(`http://127.0.0.1:8787/ns/${this.namespace}${path}`, {
      method,
      headers,
    });
    const { OBSERVED } = env as unknown as Record<string, DurableObjectNamespace>;
    return app.fetch(request, { ...env, SHARD: OBSERVED, ENSEMBLE: this.variable });
  }

  async view(): Promise<View> {
    return (await this.send("GET /ensemble")).json();
  }
}

describe("the HTTP door of an ensemble", () => {
  it("[EM17] /ensemble shows members, roles, epochs, zxids, lag and the last election", async () => {
    const door = new Door({ members: "1:enam 2:weur 3", observers: "4:sam" });
    expect((await door.send("PUT /znodes/a")).status).toBe(201);

    // An observer hears of a txn when it is committed already, and the leader hears from it then.
    const view = await eventually(async () => {
      const seen = await door.view();
      expect(seen.members.map(({ lag }) => lag ?? 0)).toEqual([0, 0, 0, 0]);
      return seen;
    });

    const leader = view.leader ?? 0;
    expect(view).toMatchObject({ epoch: 1, version: "0", warnings: [] });
    expect(view.members.map(({ id, type, region }) => [id, type, region])).toEqual([
      [1, "participant", "enam"],
      [2, "participant", "weur"],
      [3, "participant", undefined],
      [4, "observer", "sam"],
    ]);
    const state = { zab: "broadcast", leader, currentEpoch: 1, zxid: "0x100000001" };
    const states = ["FOLLOWING", "FOLLOWING", "FOLLOWING", "OBSERVING"].with(leader - 1, "LEADING");
    expect(view.members).toMatchObject(states.map((word) => ({ ...state, state: word })));
    const votes = view.election?.votes.filter(({ votesFor }) => votesFor === leader);
    expect(votes?.length).toBeGreaterThan(1);
  });

  it("[EM17] /ensemble notices that the leader is gone", async () => {
    const door = new Door("3");
    const first = (await door.send("PUT /znodes/a"), await door.view()).leader ?? 0;
    await door.stop(first);

    const view = await door.view();

    expect(view.members[first - 1]).toMatchObject({ id: first, state: "UNREACHABLE" });
    expect(view.leader).not.toBe(first);
    expect(view.leader).not.toBeNull();
    expect((await door.send("PUT /znodes/b")).status).toBe(201);
  });

  it("[EM17] is refused where a namespace is one object", async () => {
    const door = new Door("3");
    door.variable = undefined;

    expect((await door.send("GET /ensemble")).status).toBe(404);
  });

  it("[EM12] answers 503 with Retry-After without a majority, and /ensemble shows why", async () => {
    const door = new Door("3");
    await door.send("PUT /znodes/a");
    await door.stop(1);
    await door.stop(2);

    const view = await door.view();
    const refused = await door.send("PUT /znodes/b");

    expect(view.leader).toBeNull();
    expect(view.members.map(({ state }) => state)).toEqual([
      "UNREACHABLE",
      "UNREACHABLE",
      "LOOKING",
    ]);
    expect(refused.status).toBe(503);
    expect(refused.headers.get("Retry-After")).toBe("1");
    expect(await refused.json()).toMatchObject({
      title: "the ensemble has no leader",
      detail:
        "no leader: expected a majority of 2 of 3 members, 2 of 3 can't be reached; nothing was done",
    });
  }, 20_000);

  it("[EM13] a local read is answered without a leader's word, not before Min-Zxid", async () => {
    const door = new Door("3");
    const written = await door.send("PUT /znodes/a");
    const zxid = written.headers.get("Zxid") ?? "";

    for (const sid of door.sids) {
      const headers = { Member: `${sid}`, Consistency: "local", "Min-Zxid": zxid };
      expect((await door.send("GET /znodes/a", headers)).status, `member ${sid}`).toBe(200);
    }
  });

  it("[EM14] Member: 2 is refused while that member is not there", async () => {
    const door = new Door("3");
    await door.send("PUT /znodes/a");
    await door.stop(2);

    const refused = await door.send("GET /znodes/a", { Member: "2" });

    expect(refused.status).toBe(503);
    expect(await refused.json()).toMatchObject({
      detail: "member 2 can't be reached; nothing was done",
    });
  }, 20_000);

  it("[EM3] a variable that names others than the configuration is a warning", async () => {
    const door = new Door("3");
    await door.send("PUT /znodes/a");
    await door.rename("5");

    const { warnings } = await door.view();

    expect(warnings).toEqual([
      "ENSEMBLE names 1, 2, 3, 4, 5, but the ensemble is 1, 2, 3 since a reconfiguration",
    ]);
  });

  it("[EM2] a bad variable is the operator's mistake, and named", async () => {
    const door = new Door("3");
    door.variable = "1:enam 1:weur";

    const refused = await door.send("GET /znodes");

    expect(refused.status).toBe(500);
    expect(await refused.json()).toMatchObject({
      detail: 'ENSEMBLE: expected each id once, saw "1 twice"',
    });
  });

  it("[EM18] four-letter words and commands say what ZooKeeper does in quorum mode", async () => {
    const door = new Door("3");
    await door.send("PUT /znodes/a");
    const { leader } = await door.view();
    const follower = door.sids.find((sid) => sid !== leader) ?? 0;
    const ask = async (path: string, sid: number | null): Promise<string> =>
      (await door.send(`GET ${path}`, { Member: `${sid}` })).text();

    expect(await ask("/four-letter-words/srvr", leader)).toMatch(
      /^Mode: leader\nNode count: 6\nProposal sizes last\/min\/max: /m,
    );
    expect(await ask("/four-letter-words/srvr", follower)).toContain("Mode: follower\n");
    const monitor = JSON.parse(await ask("/commands/monitor", leader)) as object;
    expect(monitor).toMatchObject({
      server_state: "leader",
      quorum_size: 3,
      peer_state: "leading - broadcast",
      learners: 2,
      synced_followers: 2,
    });
    expect(JSON.parse(await ask("/commands/leader", follower))).toMatchObject({
      is_leader: false,
      leader_id: leader,
    });
    expect(JSON.parse(await ask("/commands/zabstate", follower))).toMatchObject({
      myid: follower,
      voting: true,
      last_zxid: "0x100000001",
      zab_epoch: 1,
      zab_counter: 1,
      zabstate: "broadcast",
    });
  });
});
