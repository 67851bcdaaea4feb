import { describe, expect, test } from "vitest";
import {
  backoff,
  Code,
  ensurePath,
  isKeeperError,
  KeeperError,
  protectedCreate,
  retry,
} from "../../../src/client/index.ts";
import { uuid } from "../../../src/client/uuid.ts";
import { Stage } from "../recipes/faulty-client.ts";

describe("retry", () => {
  test("[RP1] delays double up to a bound, half of them drawn; the first retry waits for nothing", () => {
    const policy = backoff({ baseMs: 100, maxMs: 400, attemptsMax: 6, elapsedMsMax: 1_000 });

    expect([1, 2, 3, 4, 5, 6].map((attempt) => policy(attempt, 0, 0))).toEqual([
      0,
      50,
      100,
      200,
      200,
      undefined,
    ]);
    expect(policy(4, 0, 0.999)).toBe(400);
    expect(policy(4, 900, 0)).toBeUndefined();
  });

  test("[RP1] nothing but an unknown outcome is repeated", async () => {
    const { zk } = await new Stage().client();
    for (const code of [
      Code.CONNECTIONLOSS,
      Code.OPERATIONTIMEOUT,
      Code.BADVERSION,
      Code.NONODE,
      Code.SESSIONEXPIRED,
    ]) {
      let attempts = 0;
      const failing = async (): Promise<void> => {
        attempts += 1;
        if (attempts < 2) throw new KeeperError(code);
      };
      const isRepeated = await retry(zk, failing).then(
        () => true,
        (error: unknown) => !isKeeperError(error, code),
      );
      expect(isRepeated).toBe(code === Code.CONNECTIONLOSS || code === Code.OPERATIONTIMEOUT);
    }
  });

  test("[RP1] a read goes on over a lost connection", async () => {
    const stage = new Stage();
    const { zk, ...client } = await stage.client();
    const faulty = await stage.client();
    await zk.create("/a", "x");
    faulty.failNext("getData", "answer");

    expect((await stage.until(retry(faulty.zk, () => faulty.zk.get("/a")))).text).toBe("x");
    expect(faulty.states).toEqual(["connected", "suspended", "connected"]);
    expect(client.sent).not.toContain("getData");
  });

  test("[RP2] an abort ends it at once, while it waits too", async () => {
    const { zk } = await new Stage().client();
    const abort = new AbortController();
    const failing = (): Promise<never> => Promise.reject(new KeeperError(Code.CONNECTIONLOSS));
    const repeated = retry(zk, failing, { signal: abort.signal, policy: () => 1_000 });
    queueMicrotask(() => abort.abort(new Error("enough")));

    await expect(repeated).rejects.toThrow("enough");
  });
});

describe("protectedCreate", () => {
  for (const fault of ["request", "answer"] as const) {
    test(`[RP3] one znode is made when the ${fault} is lost`, async () => {
      const stage = new Stage();
      const client = await stage.client();
      client.failNext("create", fault);
      const options = { ephemeral: true, sequential: true };
      const { path, stat } = await stage.until(protectedCreate(client.zk, "/n-", "x", options));
      const { children } = await client.zk.children("/");

      expect(path).toMatch(/^\/_c_[0-9a-f-]{36}-n-\d{10}$/);
      expect(children.filter((name) => name.startsWith("_c_"))).toEqual([path.slice(1)]);
      expect(stat.ephemeralOwner).toBe(client.zk.sessionId);
    });
  }

  test("[RP4] an ephemeral of a session that is over is not taken for one's own", async () => {
    const stage = new Stage();
    const client = await stage.client();
    client.failAt((op) => {
      if (op !== "create") return undefined;
      client.offlineSoon();
      return "answer";
    });
    const options = { ephemeral: true, sequential: true, policy: () => 8_000 };
    const created = protectedCreate(client.zk, "/n-", "", options);
    // The client gives its session up; the server, which is not told the time, does not.
    await stage.clock.advance(7_000);
    client.online();
    await stage.clock.advance(7_000);
    const { stat } = await created;
    const { children } = await client.zk.children("/");

    expect(client.states).toEqual(["connected", "suspended", "lost", "connected"]);
    expect(stat.ephemeralOwner).toBe(client.zk.sessionId);
    expect(children.filter((name) => name.startsWith("_c_"))).toHaveLength(1);
  });

  test("[RP4] a session that is lost before the znode is found ends it", async () => {
    const stage = new Stage();
    const client = await stage.client();
    client.failAt((op) => {
      if (op !== "create") return undefined;
      client.offlineSoon();
      return "answer";
    });
    const created = protectedCreate(client.zk, "/n-", "", { ephemeral: true });

    await expect(stage.until(created)).rejects.toThrow("SESSIONEXPIRED");
  });

  test("[RP3] no two names are the same", () => {
    const drawn = new Set(Array.from({ length: 1_000 }, uuid));

    expect(drawn.size).toBe(1_000);
    for (const name of drawn) expect(name).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab]/);
  });
});

describe("ensurePath", () => {
  test("[RP5] makes what does not exist, and no more", async () => {
    const { zk } = await new Stage().client();
    await zk.create("/a", "kept");
    await Promise.all([ensurePath(zk, "/a/b/c"), ensurePath(zk, "/a/b/c")]);

    expect((await zk.get("/a")).text).toBe("kept");
    expect(await zk.exists("/a/b/c")).toMatchObject({ version: 0 });
  });

  test("[RP5] goes on over lost answers", async () => {
    const stage = new Stage();
    const client = await stage.client();
    client.failNext("create", "answer");
    await stage.until(ensurePath(client.zk, "/a/b"));

    expect(await client.zk.exists("/a/b")).toBeDefined();
  });
});
