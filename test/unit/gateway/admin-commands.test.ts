import { describe, expect, it } from "vitest";
import { answerFourLetterWord } from "../../../src/gateway/four-letter-word.ts";
import { parseWhitelist } from "../../../src/protocol/admin/whitelist.ts";
import type { FourLetterWord } from "../../../src/protocol/four-letter-word.ts";
import { FakeShard, Gateway, problemIn } from "./gateway-harness.ts";

function ask(shard: FakeShard, word: FourLetterWord, words = "*"): Promise<string> {
  return answerFourLetterWord(word, shard, { whitelist: parseWhitelist(words), clientPort: 2181 });
}

describe("four-letter words", () => {
  it("[FL4] are answered from the shard", async () => {
    expect(await ask(new FakeShard(), "srvr")).toContain("Zxid: 0x0\nMode: standalone\n");
    expect(await ask(new FakeShard(), "conf")).toContain("clientPort=2181\n");
  });

  it("[FL2] are refused outside of the whitelist, and the shard is not asked", async () => {
    const shard = new FakeShard();
    shard.failure = new Error("was asked");
    expect(await ask(shard, "mntr", "ruok")).toBe(
      "mntr is not executed because it is not in the whitelist.\n",
    );
    expect(shard.failure).toBeDefined();
  });

  it("[FL3] say so when the shard does not serve", async () => {
    const shard = new FakeShard();
    const answers: string[] = [];
    for (const word of ["ruok", "srvr", "isro", "srst"] as const) {
      shard.failure = new Error("lost");
      answers.push(await ask(shard, word));
    }
    const notServing = "This ZooKeeper instance is not currently serving requests\n";
    expect(answers).toEqual(["imok", notServing, "null", notServing]);
  });

  it("[FL12] reset statistics", async () => {
    const gateway = new Gateway();
    await gateway.send("PUT /znodes/a");
    expect(await ask(gateway.shard(), "srvr")).toContain("Received: 1\n");
    expect(await ask(gateway.shard(), "srst")).toBe("Server stats reset.\n");
    expect(await ask(gateway.shard(), "srvr")).toContain("Received: 0\n");
    expect(await ask(gateway.shard(), "crst")).toBe("Connection stats reset.\n");
  });

  it("[FL22] are answered over HTTP as over TCP", async () => {
    const gateway = new Gateway({ ANONYMOUS_ROLE: "read", FOUR_LETTER_WORDS: "mntr,isro" });
    const response = await gateway.send("GET /ns/x/four-letter-words/isro");
    expect(response.headers.get("Content-Type")).toBe("text/plain; charset=utf-8");
    expect(await response.text()).toBe("rw");
    const mntr = await gateway.send("GET /four-letter-words/mntr");
    expect(await mntr.text()).toContain("zk_znode_count\t5\n");
  });

  it("[FL22] are srvr alone where the whitelist is not set", async () => {
    const gateway = new Gateway();
    const srvr = await gateway.send("GET /four-letter-words/srvr");
    expect(await srvr.text()).toContain("Mode: standalone\n");
    const ruok = await gateway.send("GET /four-letter-words/ruok");
    expect(await ruok.text()).toContain("not in the whitelist");
  });

  it("[FL22] are 404 where there is no such word, and 401 for strangers", async () => {
    const problem = await problemIn(await new Gateway().send("GET /four-letter-words/nope"));
    expect(problem["status"]).toBe(404);
    const stranger = new Gateway({}).at("https://keeper.example");
    expect((await stranger.send("GET /four-letter-words/srvr")).status).toBe(401);
  });
});

describe("commands over HTTP", () => {
  it("[FL19] answer JSON with the zxid of the shard", async () => {
    const gateway = new Gateway();
    await gateway.send("PUT /ns/x/znodes/a");
    const response = await gateway.send("GET /ns/x/commands/srvr");
    expect([response.status, response.headers.get("Content-Type")]).toEqual([
      200,
      "application/json",
    ]);
    expect(response.headers.get("Zxid")).toBe("0x1");
    expect(await response.json()).toMatchObject({
      node_count: 6,
      server_stats: { packets_received: 1, packets_sent: 1, last_processed_zxid: 1 },
      command: "server_stats",
      error: null,
    });
  });

  it("[FL19] list connections, sessions and watches", async () => {
    const gateway = new Gateway();
    await gateway.openSession();
    const response = await gateway.send("GET /commands/dump");
    const { expiry_time_to_session_ids: deadlines } = (await response.json()) as {
      expiry_time_to_session_ids: Record<string, number[]>;
    };
    expect(Object.values(deadlines).flat()).toHaveLength(1);
    const watches = await (await gateway.send("GET /commands/wchp")).json();
    expect(watches).toMatchObject({ path_to_session_ids: {} });
    const cons = await (await gateway.send("GET /commands/cons")).json();
    expect(cons).toMatchObject({ connections: [], secure_connections: [] });
  });

  it("[FL12] reset statistics", async () => {
    const gateway = new Gateway();
    await gateway.send("PUT /znodes/a");
    const response = await gateway.send("GET /commands/srst");
    expect(await response.json()).toEqual({ command: "stat_reset", error: null });
    const stats = await (await gateway.send("GET /commands/srvr")).json();
    expect(stats).toMatchObject({ server_stats: { packets_received: 0 } });
  });

  it("[FL20] answer 200 with an error where there is no such command", async () => {
    const response = await new Gateway().send("GET /commands/no%22such");
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      command: 'no"such',
      error: 'Unknown command: no"such',
    });
  });

  it("[FL20] answer 200 with an error when the shard does not serve", async () => {
    const gateway = new Gateway();
    gateway.shard().failure = new Error("lost");
    const response = await gateway.send("GET /commands/mntr");
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      command: "monitor",
      error: "This ZooKeeper instance is not currently serving requests",
    });
  });

  it("[FL20] take the trace mask, and no other flag", async () => {
    const gateway = new Gateway();
    const set = await gateway.send("GET /commands/stmk?traceMask=306");
    expect(await set.json()).toMatchObject({ tracemask: 0, error: null });
    expect((await gateway.send("GET /commands/stmk?mask=1")).status).toBe(400);
  });

  it("[FL21] are listed below the namespace that was asked", async () => {
    const response = await new Gateway().send("GET /ns/x/commands");
    expect(response.headers.get("Content-Type")).toBe("text/html; charset=utf-8");
    expect(await response.text()).toContain('<a href="/ns/x/commands/monitor">monitor</a>\n<br/>');
  });

  it("[FL21] are for admins", async () => {
    const gateway = new Gateway({ ANONYMOUS_ROLE: "write" });
    for (const path of ["/commands", "/commands/ruok"]) {
      const problem = await problemIn(await gateway.send(`GET ${path}`));
      expect(problem).toMatchObject({ status: 403, expected: "admin", seen: "write" });
    }
  });
});
