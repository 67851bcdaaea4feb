import { describe, expect, test } from "vitest";
import {
  type ConnectionState,
  type Dial,
  KeeperError,
  ZooKeeper,
} from "../../../src/client/index.ts";

import { framesOf } from "../../../src/protocol/jute/frame.ts";
import { FakeClock, settled } from "./fake-clock.ts";
import { TestService } from "./test-service.ts";

const TIMEOUT_MS = 6_000;

function start({ servers = "one:1", chance = (): number => 0 } = {}) {
  const clock = new FakeClock(chance);
  const service = new TestService(clock);
  const zk = new ZooKeeper(servers, {
    dial: service.dial,
    clock,
    sessionTimeoutMs: TIMEOUT_MS,
  });
  const states: ConnectionState[] = [];
  zk.onState((state) => states.push(state));
  return { clock, service, zk, states };
}

/** What a promise came to. */
async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => "OK",
    (error: unknown) => (error instanceof KeeperError ? error.codeName : String(error)),
  );
}

describe("connecting", () => {
  test("[CS1] requests made before the connection wait for it", async () => {
    const { zk, states } = start();

    expect(zk.state).toBe("connecting");
    expect(await zk.create("/a", "x")).toMatchObject({ path: "/a" });
    expect(states).toEqual(["connected"]);
  });

  test("[CS2] servers are tried in turn, the first round at once, then with a growing delay", async () => {
    const { clock, service } = start({ servers: "a:1,b:2", chance: () => 0.999 });
    service.mood = "refusing";

    await settled();
    expect(service.dialled).toHaveLength(1);
    await clock.advance(0);
    expect(new Set(service.dialled)).toEqual(new Set(["a:1", "b:2"]));
    await clock.advance(99);
    expect(service.dialled).toHaveLength(2);
    await clock.advance(1);
    expect(service.dialled).toHaveLength(3);
    await clock.advance(60_000);
    const before = service.dialled.length;
    await clock.advance(10_000);
    expect(service.dialled.length - before).toBe(2);
  });

  test("[CS2] a server that lets us in and ends it again and again is asked less and less often", async () => {
    const { clock, service, zk } = start({ servers: "a:1,b:2" });
    await zk.sync();
    // As one does that refuses what it is told first.
    zk.onState((state) => void (state === "connected" && service.cut()));
    zk.onState(() => void (service.dialled.length > 99 && zk.close()));
    service.cut();
    await clock.advance(10_000);

    expect(service.dialled.length).toBeLessThan(15);
  });

  test("[CS3] a server that does not let us in is left", async () => {
    const { clock, service, zk } = start({ servers: "a:1,b:2" });
    service.mood = "silent";
    await clock.advance(TIMEOUT_MS / 2 - 1);
    service.mood = "working";
    expect(zk.state).toBe("connecting");
    await clock.advance(1);

    expect(service.dialled).toHaveLength(2);
    expect(zk.state).toBe("connected");
  });
});

describe("a lost connection", () => {
  test("[CS4] what was under way fails with CONNECTIONLOSS, what waited is sent", async () => {
    const { clock, service, zk, states } = start();
    await zk.create("/a");
    const underWay = codeOf(zk.set("/a", "1"));
    await Promise.resolve();
    service.cut();
    const waiting = codeOf(zk.set("/a", "2"));
    await clock.advance(10);

    expect(await underWay).toBe("CONNECTIONLOSS");
    expect(await waiting).toBe("OK");
    expect(states).toEqual(["connected", "suspended", "connected"]);
  });

  test("[CS5] the session is resumed with its ephemerals", async () => {
    const { clock, service, zk } = start();
    await zk.create("/e", "", { ephemeral: true });
    const { sessionId } = zk;
    service.cut();
    await clock.advance(10);

    expect(zk.sessionId).toBe(sessionId);
    expect((await zk.exists("/e"))?.ephemeralOwner).toBe(sessionId);
  });

  test("[CS6] a timeout without a connection is a loss, told before any server can say so", async () => {
    const { clock, service, zk, states } = start();
    await zk.create("/e", "", { ephemeral: true });
    service.mood = "refusing";
    service.cut();
    const waiting = codeOf(zk.get("/e"));
    await clock.advance(TIMEOUT_MS - 1);
    expect(zk.state).toBe("suspended");
    await clock.advance(1);

    expect(states).toEqual(["connected", "suspended", "lost"]);
    expect(await waiting).toBe("SESSIONEXPIRED");
  });

  test("[CS6] … which an answer that was on its way does not take back", async () => {
    const clock = new FakeClock();
    const service = new TestService(clock);
    let late: (() => void)[] | undefined;
    const dial: Dial = (server, listener) =>
      service.dial(server, {
        ...listener,
        received: (bytes) => {
          if (late === undefined) listener.received(bytes);
          else late.push(() => listener.received(bytes));
        },
      });
    const zk = new ZooKeeper("one:1", { dial, clock, sessionTimeoutMs: TIMEOUT_MS });
    await zk.create("/e", "", { ephemeral: true });
    const { sessionId } = zk;
    const states: ConnectionState[] = [];
    zk.onState((state) => states.push(state));
    // A server has as long to answer, but from its asking on.
    await clock.advance(500);
    late = [];
    service.cut();
    await clock.advance(TIMEOUT_MS - 500);
    expect(states).toEqual(["suspended", "lost"]);
    const answers = late;
    late = undefined;
    for (const answer of answers) answer();
    await clock.advance(1_000);

    expect(answers).toHaveLength(1);
    expect(zk.state).toBe("connected");
    expect(zk.sessionId).not.toBe(sessionId);
  });

  test("[CS7] a session that the server has ended is followed by a new one", async () => {
    const { clock, service, zk, states } = start();
    await zk.create("/e", "", { ephemeral: true });
    const { sessionId } = zk;
    service.mood = "refusing";
    service.cut();
    await clock.advance(TIMEOUT_MS + 4_000);
    service.tick();
    service.mood = "working";
    await clock.advance(5_000);

    expect(states).toEqual(["connected", "suspended", "lost", "connected"]);
    expect(zk.sessionId).not.toBe(sessionId);
    expect(await zk.exists("/e")).toBeUndefined();
  });
});

describe("heartbeats", () => {
  test("[CS8] an idle session is kept alive", async () => {
    const { clock, service, zk, states } = start();
    await zk.create("/e", "", { ephemeral: true });
    await clock.advance(TIMEOUT_MS * 10);

    expect(states).toEqual(["connected"]);
    expect(service.dialled).toHaveLength(1);
    const thirds = Array.from({ length: 30 }, (_, index) => ((index + 1) * TIMEOUT_MS) / 3);
    expect(service.pings).toEqual(thirds);
  });

  test("[CS9] a server that is silent for two thirds of the timeout is left", async () => {
    const { clock, service, zk } = start();
    await zk.create("/a");
    service.mood = "silent";
    await clock.advance((TIMEOUT_MS * 2) / 3 - 1);
    expect(zk.state).toBe("connected");
    await clock.advance(1);

    expect(zk.state).toBe("suspended");
  });
});

describe("pipelining", () => {
  test("[CS10] operations of one turn leave in one piece and are answered in order", async () => {
    const { service, zk } = start();
    await zk.create("/a");
    service.pieces.length = 0;
    const order: string[] = [];
    await Promise.all([
      zk.set("/a", "1").then(() => order.push("set")),
      zk.get("/a").then((znode) => order.push(`get ${znode.text}`)),
      zk.delete("/a").then(() => order.push("delete")),
    ]);

    expect(order).toEqual(["set", "get 1", "delete"]);
    expect(service.pieces.map((piece) => [...framesOf(piece)].length)).toEqual([3]);
  });

  test("[CS11] at most 1,000 requests are under way, the others follow as answers come", async () => {
    const { service, zk } = start();
    await zk.create("/a");
    service.pieces.length = 0;
    const all = Array.from({ length: 2_500 }, () => zk.exists("/a"));
    await Promise.resolve();

    expect(service.pieces.map((piece) => [...framesOf(piece)].length)).toEqual([1_000]);
    expect(await Promise.all(all)).toHaveLength(2_500);
  });
});

describe("closing", () => {
  test("[CS12] a client is closed from the call on, before the server hears of it", async () => {
    const { service, zk } = start();
    await zk.create("/a");
    service.mood = "silent";
    void zk.close();

    expect(zk.state).toBe("closed");
    expect(await codeOf(zk.waitFor("/b"))).toBe("SESSIONEXPIRED");
    expect(await codeOf(zk.watch("/b").next())).toBe("SESSIONEXPIRED");
  });

  test("[CS12] who closes it when he hears of a suspension leaves no timer behind", async () => {
    const { clock, service, zk } = start();
    await zk.sync();
    zk.onState((state) => void (state === "suspended" && zk.close()));
    service.cut();
    await settled();

    expect(clock.timersCount).toBe(0);
  });

  test("[CS12] close ends the session with its ephemerals", async () => {
    const { clock, service, zk, states } = start();
    await zk.create("/e", "", { ephemeral: true });
    await zk.close();
    const other = new ZooKeeper("one:1", { dial: service.dial, clock });

    expect(await other.exists("/e")).toBeUndefined();
    expect(states).toEqual(["connected", "closed"]);
    expect(await codeOf(zk.get("/e"))).toBe("SESSIONEXPIRED");
  });

  test("[CS12] close without a connection does not wait for one", async () => {
    const { service, zk } = start();
    service.mood = "refusing";
    const waiting = codeOf(zk.get("/a"));
    await zk.close();

    expect(await waiting).toBe("CONNECTIONLOSS");
    expect(zk.state).toBe("closed");
  });

  test("[CS13] an identity that the server refuses closes the client", async () => {
    const { zk } = start();
    await zk.create("/a");

    expect(await codeOf(zk.addAuth("nonsense", "x"))).toBe("AUTHFAILED");
    expect(zk.state).toBe("closed");
  });

  test("[CS13] an identity is told the answer to itself, over a lost connection too", async () => {
    const { clock, service, zk } = start();
    await zk.addAuth("digest", "bob:pw");
    const good = codeOf(zk.addAuth("digest", "eve:pw"));
    const bad = codeOf(zk.addAuth("nonsense", "x"));
    await Promise.resolve();
    service.cut();
    await clock.advance(10);

    expect([await good, await bad]).toEqual(["OK", "AUTHFAILED"]);
  });

  test("[CS13] a client that is closed proves nothing", async () => {
    const { zk } = start();
    await zk.close();

    expect(await codeOf(zk.addAuth("digest", "bob:pw"))).toBe("SESSIONEXPIRED");
  });

  test("[CS14] identities are proven again after a reconnect", async () => {
    const { clock, service, zk } = start();
    await zk.addAuth("digest", "bob:pw");
    service.cut();
    await clock.advance(10);

    expect((await zk.whoAmI()).map(({ scheme }) => scheme)).toContain("digest");
  });
});
